// SPDX-License-Identifier: Apache-2.0
/* Form fields with their label, help and error tied together for screen readers. */
import {
  Checkbox, FormGroup, FormHelperText, FormSelect, FormSelectOption, HelperText, HelperTextItem, TextArea, TextInput,
} from "@patternfly/react-core";
import { t } from "../i18n";
import { useId, type HTMLInputTypeAttribute, type Ref } from "react";

interface FieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  help?: string | undefined;
  error?: string | undefined;
  isRequired?: boolean;
  maxLength?: number;
}

function Help({ id, help, error }: { id: string; help: string | undefined; error: string | undefined }) {
  const text = error ?? help;
  return text === undefined ? null : (
    <FormHelperText>
      <HelperText id={id}>
        <HelperTextItem variant={error ? "error" : "default"}>{text}</HelperTextItem>
      </HelperText>
    </FormHelperText>
  );
}

function describedBy(id: string, { help, error }: FieldProps) {
  return help || error ? { "aria-describedby": id } : {};
}

interface TextFieldProps extends FieldProps {
  type?: "text" | "password" | "search" | "email" | "date" | "number";
  inputMode?: "numeric" | "text";
  name?: string;
  autoComplete?: HTMLInputTypeAttribute;
  inputRef?: Ref<HTMLInputElement>;
}

export function TextField(props: TextFieldProps) {
  const { label, value, onChange, help, error, isRequired = false, maxLength, type = "text", name, autoComplete, inputRef, inputMode } = props;
  const id = useId();
  return (
    <FormGroup label={label} fieldId={id} isRequired={isRequired}>
      <TextInput
        id={id}
        type={type}
        value={value}
        isRequired={isRequired}
        validated={error ? "error" : "default"}
        onChange={(_event, next) => onChange(next)}
        autoCapitalize="none"
        spellCheck={false}
        {...(name ? { name } : {})}
        {...(inputMode ? { inputMode } : {})}
        {...(autoComplete ? { autoComplete } : {})}
        {...(maxLength ? { maxLength } : {})}
        {...(inputRef ? { ref: inputRef } : {})}
        {...describedBy(`${id}-help`, props)}
      />
      <Help id={`${id}-help`} help={help} error={error} />
    </FormGroup>
  );
}

export function TextAreaField(props: FieldProps & { rows?: number; isMonospace?: boolean }) {
  const { label, value, onChange, help, error, isRequired = false, maxLength, rows = 4, isMonospace = false } = props;
  const id = useId();
  return (
    <FormGroup label={label} fieldId={id} isRequired={isRequired}>
      <TextArea
        id={id}
        value={value}
        rows={rows}
        isRequired={isRequired}
        validated={error ? "error" : "default"}
        resizeOrientation="vertical"
        spellCheck={false}
        className={isMonospace ? "ak-mono" : ""}
        onChange={(_event, next) => onChange(next)}
        {...(maxLength ? { maxLength } : {})}
        {...describedBy(`${id}-help`, props)}
      />
      <Help id={`${id}-help`} help={help} error={error} />
    </FormGroup>
  );
}

export function SelectField(props: FieldProps & { options: { value: string; label: string }[] }) {
  const { label, value, onChange, help, error, isRequired = false, options } = props;
  const id = useId();
  return (
    <FormGroup label={label} fieldId={id} isRequired={isRequired}>
      <FormSelect
        id={id}
        value={value}
        isRequired={isRequired}
        validated={error ? "error" : "default"}
        onChange={(_event, next) => onChange(next)}
        {...describedBy(`${id}-help`, props)}
      >
        {options.map((option) => (
          <FormSelectOption key={option.value} value={option.value} label={option.label} />
        ))}
      </FormSelect>
      <Help id={`${id}-help`} help={help} error={error} />
    </FormGroup>
  );
}

interface CheckFieldProps {
  label: string;
  isChecked: boolean;
  onChange: (isChecked: boolean) => void;
  help?: string | undefined;
  isRequired?: boolean;
}

export function CheckField({ label, isChecked, onChange, help, isRequired = false }: CheckFieldProps) {
  const id = useId();
  return (
    <Checkbox
      id={id}
      label={label}
      isChecked={isChecked}
      isRequired={isRequired}
      onChange={(_event, next) => onChange(next)}
      {...(help ? { description: help } : {})}
    />
  );
}

/** Several of a list. */
export function CheckList({ legend, options, values, onChange }: { legend: string; options: { value: string; label: string }[]; values: string[]; onChange: (values: string[]) => void }) {
  return (
    <fieldset className="ak-choices">
      <legend className="ak-legend">{legend}</legend>
      <div className="ak-checks">
        {options.map((option) => (
          <CheckField
            key={option.value}
            label={option.label}
            isChecked={values.includes(option.value)}
            onChange={(on) => onChange(on ? [...values, option.value] : values.filter((value) => value !== option.value))}
          />
        ))}
      </div>
    </fieldset>
  );
}

/** A file of this machine. 'progress' from 0 to 1 while it is sent. */
export function FileField({ label, file, onChange, help, error, accept, isRequired = false }: Omit<FieldProps, "value" | "onChange"> & { file: File | null; onChange: (file: File | null) => void; accept?: string }) {
  const id = useId();
  return (
    <FormGroup label={label} fieldId={id} isRequired={isRequired}>
      <div className="ak-file">
        <span className="ak-file__button" aria-hidden="true">
          {t("Choose a file")}
        </span>
        <span className="ak-file__name" aria-hidden="true">
          {file?.name ?? t("No file chosen")}
        </span>
        <input
          id={id}
          type="file"
          required={isRequired}
          aria-invalid={error ? true : undefined}
          onChange={(event) => onChange(event.target.files?.[0] ?? null)}
          {...(accept ? { accept } : {})}
          {...(help || error ? { "aria-describedby": `${id}-help` } : {})}
        />
      </div>
      <Help id={`${id}-help`} help={help} error={error} />
    </FormGroup>
  );
}
