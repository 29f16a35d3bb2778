// SPDX-License-Identifier: Apache-2.0
/* The jobs of one object until they end: the step by its own name, and how many there are. It asks every 1.5 s while
 * one runs, and is not there when none does. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { ApiError } from "../api/client";
import { listJobs, type Job } from "../api/access";
import { t } from "../i18n";
import { Message } from "./Message";

const BUSY_MS = 1500;
const ENDED = ["done", "failed", "cancelled", "undone", "success", "error"];
const isRunning = (job: Job) => !ENDED.includes(job.state);
const stepsOf = (job: Job) => (Array.isArray(job.steps) ? job.steps.length : job.steps);

export function JobLine({ job }: { job: Job }) {
  const name = job.step_name ?? job.state;
  return (
    <span className="ak-status__task">
      <span className="ak-pulse" aria-hidden="true" />
      <span className="ak-visually-hidden">{t("In progress")}</span>
      <code>{job.kind}</code>
      <span>{t("step {step} of {steps}", { step: Math.min(job.step + 1, stepsOf(job)), steps: stepsOf(job) })}</span>
      <code>{name}</code>
    </span>
  );
}

/** 'onEnd' is called once after the last job of the object has ended. */
export function JobProgress({ objectId, isExpected, onEnd }: { objectId: string; isExpected: boolean; onEnd?: () => void }) {
  const query = useQuery({
    queryKey: ["jobs", objectId],
    queryFn: () => listJobs({ object_id: objectId, limit: 20 }),
    retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status < 500),
    refetchInterval: ({ state }) => (isExpected || state.data?.rows.some(isRunning) ? BUSY_MS : false),
  });
  const running = query.data?.rows.filter(isRunning) ?? [];
  const failed = isExpected ? undefined : query.data?.rows.find((job) => job.state === "failed");
  const wasRunning = useRef(false);
  const isAny = running.length > 0;
  useEffect(() => {
    if (wasRunning.current && !isAny) {
      onEnd?.();
    }
    wasRunning.current = isAny;
  }, [isAny, onEnd]);
  if (isAny) {
    return (
      <ul className="ak-jobs" aria-label={t("Jobs")}>
        {running.map((job) => (
          <li key={job.id}>
            <JobLine job={job} />
          </li>
        ))}
      </ul>
    );
  }
  return failed?.error ? <Message kind="danger" title={t("The job {kind} has failed.", { kind: failed.kind })} className="ak-notice">{failed.error}</Message> : null;
}
