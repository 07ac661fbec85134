// Forms: values are kept as they were typed, read into the input of a mutation, and what the server refuses stands beside
// the field it is about. Somebody else's change meanwhile keeps the input and shows what is different now.
import { createContext, useContext, useEffect, useId, useRef, useState, type FormEvent, type KeyboardEvent, type ReactNode } from 'react'
import { Alert, Button, Checkbox, Group, NativeSelect, PasswordInput, Stack, Switch, Text, TextInput, Textarea } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import type { Act } from './act'
import { Refusals, errorOf } from './errors'
import { parseDecimal } from './format'
import { useUi } from './i18n'
import { IconAlert } from './icons'
import { Problem } from './states'

/** Something chosen from a list of the server. */
export interface Picked {
  id: string
  label: string
}
export type Value = string | boolean | readonly string[] | Picked | null
type Values = Record<string, Value>
/** Names of the fields that hold values of this kind. */
type Of<V, Kind> = { [K in keyof V]: V[K] extends Kind ? K : never }[keyof V] & string

/** Reads what was typed; what cannot be read is an error of that field and nothing is sent. */
export interface Reader<V> {
  /** Required words. */
  text(name: Of<V, string>): string
  /** Words, or null when left empty. */
  optional(name: Of<V, string>): string | null
  /** An exact decimal with so many places at most. */
  decimal(name: Of<V, string>, places: number): string
  /** The same, or null when left empty. */
  decimalOrNull(name: Of<V, string>, places: number): string | null
  whole(name: Of<V, string>): number
  wholeOrNull(name: Of<V, string>): number | null
  picked(name: Of<V, Picked | null>): string
  pickedOrNull(name: Of<V, Picked | null>): string | null
  /** At least one. */
  some(name: Of<V, readonly string[]>): string[]
  refuse(name: keyof V & string, words: string): void
}

export interface Form<V extends Values> {
  values: V
  set<K extends keyof V & string>(name: K, value: V[K]): void
  busy: boolean
}

interface Inner {
  values: Values
  set(name: string, value: Value): void
  error(name: string): string | undefined
  /** What the server holds now, when it is not what the form began with. */
  now(name: string): Value | undefined
  show(name: string): () => void
  shown: ReadonlySet<string>
  errors: Act<unknown, unknown>['errors']
  broken: Act<unknown, unknown>['broken']
  conflict: boolean
  submit(event: FormEvent<HTMLFormElement>): void
  /** Reads the values without sending: false when a field cannot be read. */
  readable(): boolean
  /** Forgets what was refused before. */
  clear(): void
  busy: boolean
}
const focusFirstWrong = (form: HTMLFormElement) => setTimeout(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(), 0)
const FormContext = createContext<Inner | null>(null)
const conflictCode = 'CONFLICT'

export function useForm<V extends Values, Payload, Input>({
  act, start, input, done,
}: {
  act: Act<Payload, Input>
  /** Values of the server; a later `start` (after a conflict) is compared with the first. */
  start: V
  input: (read: Reader<V>, values: V) => Input
  done: (payload: Payload) => void
}): Form<V> & { inner: Inner } {
  const t = useUi()
  const [values, setValues] = useState<V>(start)
  const [first] = useState<V>(start)
  const [local, setLocal] = useState<Record<string, string>>({})
  const [names, setNames] = useState<ReadonlySet<string>>(new Set())

  const read = (): { input: Input; bad: Record<string, string> } => {
    const bad: Record<string, string> = {}
    const words = (name: string) => String(values[name] ?? '').trim()
    const required = (name: string) => {
      const text = words(name)
      if (!text) bad[name] = t('ui.form.required')
      return text
    }
    const whole = (name: string, text: string) => {
      if (text && !/^\d{1,9}$/.test(text)) bad[name] = t('ui.form.whole')
      return Number(text)
    }
    const exact = (name: string, text: string, places: number) => {
      const value = parseDecimal(text, places)
      if (text && value === null) bad[name] = t('ui.form.decimal', { places })
      return value ?? ''
    }
    const reader: Reader<V> = {
      text: required,
      optional: (name) => words(name) || null,
      decimal: (name, places) => exact(name, required(name), places),
      decimalOrNull: (name, places) => (words(name) ? exact(name, words(name), places) : null),
      whole: (name) => whole(name, required(name)),
      wholeOrNull: (name) => (words(name) ? whole(name, words(name)) : null),
      picked(name) {
        const one = values[name] as Picked | null
        if (!one) bad[name] = t('ui.form.pick')
        return one?.id ?? ''
      },
      pickedOrNull: (name) => (values[name] as Picked | null)?.id ?? null,
      some(name) {
        const list = values[name] as readonly string[]
        if (list.length === 0) bad[name] = t('ui.form.some')
        return [...list]
      },
      refuse(name, text) {
        bad[name] = text
      },
    }
    return { input: input(reader, values), bad }
  }
  const inner: Inner = {
    values,
    set: (name, value) => {
      setValues((now) => ({ ...now, [name]: value }))
      setLocal((now) => Object.fromEntries(Object.entries(now).filter(([one]) => one !== name)))
    },
    // A field of something chosen is sent as its id, and refused under that name.
    error: (name) => local[name] ?? errorOf(act.errors, name) ?? errorOf(act.errors, `${name}Id`),
    now: (name) => (JSON.stringify(start[name]) === JSON.stringify(first[name]) ? undefined : start[name]),
    show: (name) => {
      setNames((now) => new Set([...now, name]))
      return () => setNames((now) => new Set([...now].filter((one) => one !== name)))
    },
    shown: names,
    errors: act.errors,
    broken: act.broken,
    conflict: act.errors.some((one) => one.code === conflictCode),
    readable: () => {
      const { bad } = read()
      setLocal(bad)
      return Object.keys(bad).length === 0
    },
    clear: act.reset,
    submit: (event) => {
      event.preventDefault()
      // React lets events of a dialog bubble to the form around it.
      event.stopPropagation()
      const form = event.currentTarget
      const { input: made, bad } = read()
      setLocal(bad)
      if (Object.keys(bad).length > 0) return void focusFirstWrong(form)
      void act.run(made).then((payload) => {
        if (payload) done(payload)
        else focusFirstWrong(form)
      })
    },
    busy: act.busy,
  }
  return { values, set: (name, value) => inner.set(name, value), busy: act.busy, inner }
}

/** The fields, what was refused, and the buttons. `check` shows what will happen and asks once more before sending. */
export function FormView({
  form, submit, children, cancel, danger, check, refresh,
}: {
  form: { inner: Inner }
  submit: string
  children: ReactNode
  cancel?: (() => void) | undefined
  danger?: boolean
  check?: () => ReactNode
  /** Asks the server again after a conflict. */
  refresh?: (() => void) | undefined
}) {
  const t = useUi()
  const { inner } = form
  const [asked, setAsked] = useState(false)
  const refused = inner.errors.length > 0 || Boolean(inner.broken)
  const asking = asked && !refused
  const colour = danger ? { color: 'red.9' } : {}
  const send = (event: FormEvent<HTMLFormElement>) => {
    if (!check || asking) return inner.submit(event)
    event.preventDefault()
    event.stopPropagation()
    if (!inner.readable()) return void focusFirstWrong(event.currentTarget)
    inner.clear()
    setAsked(true)
  }
  return (
    <FormContext value={inner}>
      <form onSubmit={send} noValidate>
        <Stack gap="md">
          <div hidden={asking}><Stack gap="md">{children}</Stack></div>
          {asking && check && <div role="group" aria-label={t('ui.form.checkTitle')}>{check()}</div>}
          {inner.conflict ? (
            <Alert color="orange" role="alert" icon={<IconAlert />} title={t('ui.form.conflict')}>
              <Text size="sm" mb={refresh ? 'xs' : 0}>{t('ui.form.conflictText')}</Text>
              {refresh && <Button size="xs" variant="default" onClick={refresh}>{t('ui.form.conflictRefresh')}</Button>}
            </Alert>
          ) : <Refusals errors={inner.errors} shown={[...inner.shown].flatMap((name) => [name, `${name}Id`])} />}
          {inner.broken && <Problem error={inner.broken} />}
          <Group justify="flex-end" gap="sm">
            {asking
              ? <Button variant="default" onClick={() => setAsked(false)}>{t('ui.form.back')}</Button>
              : cancel && <Button variant="default" onClick={cancel}>{t('ui.form.cancel')}</Button>}
            <Button type="submit" loading={inner.busy} {...(asking || !check ? colour : {})}>{submit}</Button>
          </Group>
        </Stack>
      </form>
    </FormContext>
  )
}

const said = (value: Value): string =>
  value === null || value === '' ? '—'
  : typeof value === 'boolean' ? (value ? '✓' : '—')
  : typeof value === 'string' ? value
  : Array.isArray(value) ? value.join(', ') || '—'
  : (value as Picked).label

function useField<Kind extends Value>(name: string, hint?: ReactNode, name_of: (value: Value) => string = said) {
  const form = useContext(FormContext)!
  const t = useUi()
  const { show } = form
  // `show` is made anew on each render; the field announces itself once.
  // oxlint-disable-next-line react-hooks/exhaustive-deps
  useEffect(() => show(name), [name])
  const now = form.now(name)
  const error = form.error(name)
  return {
    value: form.values[name] as Kind,
    set: (value: Kind) => form.set(name, value),
    props: {
      ...(error ? { error } : {}),
      ...(now !== undefined ? { description: <Text span size="xs" c="var(--warn)">{t('ui.form.now', { value: name_of(now) })}</Text> } : hint ? { description: hint } : {}),
    },
  }
}

interface FieldProps {
  name: string
  label: string
  hint?: ReactNode
  required?: boolean
}

export function TextField({ name, label, hint, required, kind = 'text', unit, mode, complete, first }: FieldProps & {
  kind?: 'text' | 'date' | 'email' | 'tel' | 'password' | 'long'
  unit?: string
  mode?: 'decimal' | 'numeric'
  complete?: string
  /** Where the hands are when the dialog opens. */
  first?: boolean
}) {
  const t = useUi()
  const field = useField<string>(name, hint)
  const common = {
    label, value: field.value, required: required ?? false, autoComplete: complete ?? 'off', ...(first ? { 'data-autofocus': true } : {}),
    onChange: (event: { currentTarget: { value: string } }) => field.set(event.currentTarget.value), ...field.props,
  }
  // Mantine's own field of passwords only looks wrong: whoever does not see it is told so too.
  if (kind === 'password') return <PasswordInput {...common} aria-invalid={Boolean(field.props.error) || undefined} autoComplete={complete ?? 'new-password'} visibilityToggleButtonProps={{ 'aria-label': t('ui.form.reveal') }} />
  if (kind === 'long') return <Textarea {...common} autosize minRows={2} maxRows={6} />
  return <TextInput {...common} type={kind} {...(mode ? { inputMode: mode } : {})} {...(unit ? { rightSection: <Text size="sm" c="dimmed">{unit}</Text>, rightSectionWidth: 16 + unit.length * 9 } : {})} />
}

export interface Choice {
  value: string
  label: string
}

export function ChoiceField({ name, label, hint, required, choices }: FieldProps & { choices: readonly Choice[] }) {
  const field = useField<string>(name, hint, (value) => choices.find((one) => one.value === value)?.label ?? said(value))
  return (
    <NativeSelect
      label={label} required={required ?? false} value={field.value} data={[...choices]}
      onChange={(event) => field.set(event.currentTarget.value)} {...field.props}
    />
  )
}

export function ChecksField({ name, label, hint, choices }: FieldProps & { choices: readonly Choice[] }) {
  const words = (value: Value) =>
    ((value as readonly string[]) ?? []).map((one) => choices.find((choice) => choice.value === one)?.label ?? one).join(', ') || '—'
  const field = useField<readonly string[]>(name, hint, words)
  return (
    <Checkbox.Group label={label} value={[...field.value]} onChange={field.set} {...field.props}>
      <div style={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(200px, 1fr))', gap: 8, marginTop: 6, marginBottom: 6 }}>
        {choices.map((one) => <Checkbox key={one.value} value={one.value} label={one.label} />)}
      </div>
    </Checkbox.Group>
  )
}

export function SwitchField({ name, label, hint }: FieldProps) {
  const field = useField<boolean>(name, hint)
  return <Switch label={label} checked={field.value} onChange={(event) => field.set(event.currentTarget.checked)} {...field.props} />
}

/** One row of the server, found by typing. `find` answers with the best few. */
export function LookupField({ name, label, hint, required, find }: FieldProps & { find: (words: string) => Promise<readonly Picked[]> }) {
  const t = useUi()
  const field = useField<Picked | null>(name, hint)
  const id = useId()
  const [words, setWords] = useState<string | null>(null)
  const [found, setFound] = useState<readonly Picked[] | null>(null)
  const [at, setAt] = useState(0)
  const asked = useRef(0)
  const look = useDebouncedCallback(async (text: string) => {
    const mine = ++asked.current
    const rows = await find(text.trim())
    if (mine !== asked.current) return
    setFound(rows)
    setAt(0)
  }, 200)
  const take = (one: Picked | undefined) => {
    if (!one) return
    asked.current += 1
    field.set(one)
    setWords(null)
    setFound(null)
  }
  const keys = (event: KeyboardEvent) => {
    if (!found) return
    if (event.key === 'ArrowDown') setAt((now) => Math.min(found.length - 1, now + 1))
    else if (event.key === 'ArrowUp') setAt((now) => Math.max(0, now - 1))
    else if (event.key === 'Enter') take(found[at])
    else if (event.key === 'Escape') setFound(null)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const open = found !== null
  // What was found, and where the arrows are, is seen also at the end of a long dialog.
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!found?.length) return
    if (at === 0) list.current?.scrollIntoView({ block: 'nearest' })
    list.current?.children[at]?.scrollIntoView({ block: 'nearest' })
  }, [found, at])
  return (
    <div>
      <TextInput
        label={label} required={required ?? false} autoComplete="off" placeholder={t('ui.form.type')} role="combobox"
        aria-expanded={open} aria-autocomplete="list" aria-controls={id}
        {...(open && found.length ? { 'aria-activedescendant': `${id}-${at}` } : {})}
        value={words ?? field.value?.label ?? ''}
        onChange={(event) => {
          setWords(event.currentTarget.value)
          if (field.value) field.set(null)
          void look(event.currentTarget.value)
        }}
        onFocus={() => { if (!field.value && words === null) void look('') }}
        onBlur={() => setTimeout(() => setFound(null), 150)}
        onKeyDown={keys}
        {...field.props}
      />
      {open && found.length > 0 && (
        <div className="lookup-list" ref={list} id={id} role="listbox" aria-label={label}>
          {found.map((one, index) => (
            <div
              key={one.id} tabIndex={-1} id={`${id}-${index}`} role="option" aria-selected={index === at}
              onMouseEnter={() => setAt(index)} onMouseDown={(event) => { event.preventDefault(); take(one) }}
            >
              {one.label}
            </div>
          ))}
        </div>
      )}
      {open && found.length === 0 && <Text size="xs" c="dimmed" mt={4} role="status">{t('ui.form.nothing')}</Text>}
    </div>
  )
}

/** Fields side by side where there is room. */
export const FieldRow = ({ children }: { children: ReactNode }) => (
  <div className="field-row">{children}</div>
)
