// SPDX-License-Identifier: Apache-2.0
/* Form fields with their label, help and error tied together for screen readers. */
import {
  FormGroup, FormHelperText, FormSelect, FormSelectOption, HelperText, HelperTextItem, TextArea, TextInput,
} from "@patternfly/react-core";
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
  type?: "text" | "password" | "search";
  name?: string;
  autoComplete?: HTMLInputTypeAttribute;
  inputRef?: Ref<HTMLInputElement>;
}

export function TextField(props: TextFieldProps) {
  const { label, value, onChange, help, error, isRequired = false, maxLength, type = "text", name, autoComplete, inputRef } = props;
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
