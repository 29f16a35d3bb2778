// SPDX-License-Identifier: Apache-2.0
import { Button, ExpandableSection, Form } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState, type FormEvent, type ReactNode, type Ref } from "react";
import { useLocation } from "wouter";
import { useImportKeypair } from "../../actions/ImportKeypair";
import { createServer, listKeypairs, type Flavor, type NewServer } from "../../api/compute";
import type { Image } from "../../api/image";
import { listNetworks, listSubnets, type Network } from "../../api/network";
import { formatMib, formatNumber, t, tc } from "../../i18n";
import { ChoiceCards } from "../../ui/ChoiceCards";
import { SelectField, TextAreaField, TextField } from "../../ui/fields";
import { LinkButton } from "../../ui/links";
import { useNotify } from "../../ui/notify";
import { PageHead } from "../../ui/PageHead";
import { EmptyPanel, ErrorPanel, LoadingPanel } from "../../ui/panels";
import { VerbNotice } from "../verbs";
import { useMe, useVerb } from "../../auth/me";
import { useFlavors, useImages, useRefreshServers } from "./queries";

const USER_DATA_MAX = 65535;

interface Draft {
  name: string;
  image: string;
  flavor: string;
  network: string;
  keypair: string;
  userData: string;
}

/** Base64 of the UTF-8 bytes, as Nova wants it. */
export function encodeUserData(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

export function isLargeEnough(flavor: Flavor, image: Image | undefined): boolean {
  return image === undefined || (flavor.ram >= image.min_ram && (flavor.disk === 0 || flavor.disk >= image.min_disk));
}

/** The body of the request for a filled-in form. */
export function newServerOf(draft: Draft): NewServer {
  return {
    name: draft.name.trim(),
    imageRef: draft.image,
    flavorRef: draft.flavor,
    networks: [{ uuid: draft.network }],
    ...(draft.keypair ? { key_name: draft.keypair } : {}),
    ...(draft.userData.trim() ? { user_data: encodeUserData(draft.userData) } : {}),
  };
}

function flavorDetail(flavor: Flavor): string {
  return t("{n} vCPU · {ram} memory · {disk} GiB disk", {
    n: formatNumber(flavor.vcpus),
    ram: formatMib(flavor.ram),
    disk: formatNumber(flavor.disk),
  });
}

function imageDetail(image: Image): string {
  return image.visibility === "public" ? t("Provided for everyone") : t("From your organisation");
}

/* -- the choices, with the first sensible one taken until the user takes another -- */

function useChoices() {
  const images = useImages();
  const flavors = useFlavors();
  const networks = useQuery({ queryKey: ["networks"], queryFn: listNetworks, staleTime: 60_000 });
  const subnets = useQuery({ queryKey: ["subnets"], queryFn: listSubnets, staleTime: 60_000 });
  const keypairs = useQuery({ queryKey: ["keypairs"], queryFn: listKeypairs });
  const all = [images, flavors, networks, keypairs];
  return {
    images: images.data,
    flavors: flavors.data,
    networks: networks.data,
    keypairs: keypairs.data,
    subnets: subnets.data,
    error: all.find((query) => query.data === undefined && query.error)?.error,
    isPending: all.some((query) => query.isPending),
    retry: () => all.forEach((query) => void query.refetch()),
  };
}

type Choices = ReturnType<typeof useChoices>;

function withDefaults(chosen: Draft, choices: Choices): Draft {
  const image = chosen.image || (choices.images?.[0]?.id ?? "");
  const imageObject = choices.images?.find(({ id }) => id === image);
  const fitting = choices.flavors?.filter((flavor) => isLargeEnough(flavor, imageObject)) ?? [];
  const flavor = fitting.some(({ id }) => id === chosen.flavor) ? chosen.flavor : (fitting[0]?.id ?? "");
  const network = chosen.network || (choices.networks?.[0]?.id ?? "");
  return { ...chosen, image, flavor, network };
}

function Section({ children }: { children: ReactNode }) {
  return <div className="ak-card ak-card__pad">{children}</div>;
}

function networkLabel(network: Network, choices: Choices): string {
  const ranges = choices.subnets?.filter((subnet) => subnet.network_id === network.id).map((subnet) => subnet.cidr) ?? [];
  return ranges.length > 0 ? t("{name} ({ranges})", { name: network.name, ranges: ranges.join(", ") }) : network.name;
}

interface FieldsProps {
  draft: Draft;
  choices: Choices;
  change: (part: Partial<Draft>) => void;
}

function MachineFields({ draft, choices, change, nameInput, nameError }: FieldsProps & { nameInput: Ref<HTMLInputElement>; nameError: string | undefined }) {
  const image = choices.images?.find(({ id }) => id === draft.image);
  return (
    <>
      <Section>
        <TextField
          label={t("Name")}
          value={draft.name}
          onChange={(name) => change({ name })}
          isRequired
          maxLength={255}
          inputRef={nameInput}
          error={nameError}
        />
      </Section>
      <Section>
        <ChoiceCards
          legend={t("Image")}
          name="image"
          value={draft.image}
          onChange={(next) => change({ image: next })}
          choices={(choices.images ?? []).map((item) => ({
            value: item.id,
            title: item.name ?? item.id,
            detail: imageDetail(item),
          }))}
        />
      </Section>
      <Section>
        <ChoiceCards
          legend={t("Flavor")}
          name="flavor"
          value={draft.flavor}
          onChange={(next) => change({ flavor: next })}
          choices={(choices.flavors ?? []).map((item) => ({
            value: item.id,
            title: item.name,
            detail: isLargeEnough(item, image)
              ? flavorDetail(item)
              : t("Too small: the image needs {ram} memory and {disk} GiB disk", {
                  ram: formatMib(image?.min_ram ?? 0),
                  disk: formatNumber(image?.min_disk ?? 0),
                }),
            isDisabled: !isLargeEnough(item, image),
          }))}
        />
      </Section>
    </>
  );
}

function AccessFields({ draft, choices, change }: FieldsProps) {
  const importKeypair = useImportKeypair((keypair) => change({ keypair }));
  const [isOpen, setOpen] = useState(false);
  const isTooLong = new TextEncoder().encode(draft.userData).length > USER_DATA_MAX;
  return (
    <Section>
      <div className="ak-fields">
        <SelectField
          label={t("Network")}
          value={draft.network}
          onChange={(network) => change({ network })}
          isRequired
          options={(choices.networks ?? []).map((network) => ({ value: network.id, label: networkLabel(network, choices) }))}
        />
        <div>
          <SelectField
            label={t("Key pair (optional)")}
            value={draft.keypair}
            onChange={(keypair) => change({ keypair })}
            help={
              draft.keypair
                ? t("Its public key is put into the server, for logging in by SSH.")
                : t("Without one, nobody can log in to most images, unless the user data sets a password.")
            }
            options={[
              { value: "", label: t("None") },
              ...(choices.keypairs ?? []).map((keypair) => ({ value: keypair.name, label: keypair.name })),
            ]}
          />
          <Button variant="link" isInline onClick={importKeypair}>
            {t("Add a public key")}
          </Button>
        </div>
      </div>
      <ExpandableSection
        className="ak-more"
        toggleText={t("More settings")}
        isExpanded={isOpen}
        onToggle={(_event, open) => setOpen(open)}
      >
        <TextAreaField
          label={t("User data (optional)")}
          value={draft.userData}
          onChange={(userData) => change({ userData })}
          rows={8}
          isMonospace
          help={t("A cloud-init configuration or script that runs at the first start.")}
          error={isTooLong ? t("At most {size} KiB are possible.", { size: 64 }) : undefined}
        />
      </ExpandableSection>
    </Section>
  );
}

function missingPart(choices: Choices): string | null {
  if (choices.images?.length === 0) {
    return t("There is no image yet to create a server from.");
  }
  if (choices.networks?.length === 0) {
    return t("There is no network yet to join a server to.");
  }
  return choices.flavors?.length === 0 ? t("There is no flavor that you may use.") : null;
}

/** What stands before the form: the class keeps servers to the provider, or nobody has agreed to the terms. */
export function ServerCreatePage() {
  const mode = useVerb("server.create");
  const me = useMe().data;
  const head = <PageHead title={t("Create a server")} parent={{ href: "/servers", title: t("Servers") }} />;
  if (mode !== "self") {
    return (
      <>
        {head}
        <VerbNotice verb="server.create" withRole />
      </>
    );
  }
  if (me?.consent_needed) {
    return (
      <>
        {head}
        <EmptyPanel
          title={t("Please agree to the terms of the service first.")}
          headingLevel="h2"
          action={
            <LinkButton href="/contract/terms" variant="primary">
              {t("Read the terms")}
            </LinkButton>
          }
        >
          {t("New servers can be created after that.")}
        </EmptyPanel>
      </>
    );
  }
  return <CreateForm />;
}

function CreateForm() {
  const choices = useChoices();
  const notify = useNotify();
  const refresh = useRefreshServers();
  const [, navigate] = useLocation();
  const [chosen, setChosen] = useState<Draft>({ name: "", image: "", flavor: "", network: "", keypair: "", userData: "" });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const draft = withDefaults(chosen, choices);
  const [tried, setTried] = useState(false);
  const nameInput = useRef<HTMLInputElement>(null);
  const hasName = draft.name.trim() !== "";

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!hasName) {
      nameInput.current?.focus();
      return;
    }
    if (busy) {
      return;
    }
    setBusy(true);
    setError(null);
    try {
      const { id } = await createServer(newServerOf(draft));
      notify.success(t("{name} is being created.", { name: draft.name.trim() }));
      void refresh();
      navigate(`/servers/${id}`);
    } catch (reason) {
      setError(reason);
      setBusy(false);
    }
  };

  const head = <PageHead title={t("Create a server")} parent={{ href: "/servers", title: t("Servers") }} />;
  if (choices.error) {
    return (
      <>
        {head}
        <ErrorPanel title={t("The choices could not be read.")} error={choices.error} retry={choices.retry} />
      </>
    );
  }
  if (choices.isPending) {
    return (
      <>
        {head}
        <LoadingPanel />
      </>
    );
  }
  const missing = missingPart(choices);
  if (missing !== null) {
    return (
      <>
        {head}
        <EmptyPanel title={missing} headingLevel="h2" />
      </>
    );
  }
  const change = (part: Partial<Draft>) => setChosen((before) => ({ ...withDefaults(before, choices), ...part }));
  return (
    <>
      {head}
      <Form className="ak-form" onSubmit={(event) => void submit(event)}>
        <MachineFields
          draft={draft}
          choices={choices}
          change={change}
          nameInput={nameInput}
          nameError={tried && !hasName ? t("Enter a name.") : undefined}
        />
        <AccessFields draft={draft} choices={choices} change={change} />
        {error ? <ErrorPanel title={t("The server could not be created.")} error={error} /> : null}
        <div className="ak-form__actions">
          <Button type="submit" isLoading={busy} isDisabled={busy} spinnerAriaLabel={t("In progress")}>
            {tc("verb", "Create server")}
          </Button>
          <LinkButton href="/servers" variant="link">
            {t("Cancel")}
          </LinkButton>
        </div>
      </Form>
    </>
  );
}
