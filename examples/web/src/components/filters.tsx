import { SearchIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { Input, Select } from "@/components/ui/controls";
import { useTexts } from "@/i18n";

const pause = 250; // milliseconds without typing

interface SearchBoxProps {
  label: string;
  /** The text of the address. */
  value: string;
  onChange: (text: string) => void;
}

/** Changes the address once the user pauses, and follows it, for example back. */
export function SearchBox({ label, value, onChange }: SearchBoxProps) {
  const [typed, setTyped] = useState(value);
  const [before, setBefore] = useState(value);
  if (value !== before) {
    setBefore(value);
    if (value !== typed.trim()) setTyped(value);
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: only typing changes the address
  useEffect(() => {
    if (typed.trim() === value) return;
    const timer = setTimeout(() => onChange(typed.trim()), pause);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <div className="relative w-full sm:w-72">
      <SearchIcon aria-hidden className="absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted-foreground" />
      <Input
        type="search"
        aria-label={label}
        placeholder={label}
        value={typed}
        maxLength={200}
        className="pl-9"
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </div>
  );
}

interface FilterProps<Value extends string> {
  label: string;
  value: Value | undefined;
  options: Record<Value, string>;
  /** The text of the choice that filters nothing. */
  all: string;
  onChange: (value: Value | undefined) => void;
}

export function Filter<Value extends string>({ label, value, options, all, onChange }: FilterProps<Value>) {
  return (
    <Select
      aria-label={label}
      value={value ?? ""}
      className="w-full sm:w-auto sm:max-w-72"
      onChange={(event) => onChange((event.currentTarget.value || undefined) as Value | undefined)}
    >
      <option value="">{all}</option>
      {Object.entries<string>(options).map(([name, text]) => (
        <option key={name} value={name}>
          {text}
        </option>
      ))}
    </Select>
  );
}

interface FlagFilterProps {
  label: string;
  value: boolean | undefined;
  onChange: (value: boolean | undefined) => void;
}

/** Filters by something that is so or not. */
export function FlagFilter({ label, value, onChange }: FlagFilterProps) {
  const t = useTexts();
  return (
    <Filter
      label={label}
      value={value === undefined ? undefined : value ? "yes" : "no"}
      options={{ yes: `${label}: ${t.yes}`, no: `${label}: ${t.no}` }}
      all={t.any(label)}
      onChange={(chosen) => onChange(chosen && chosen === "yes")}
    />
  );
}
