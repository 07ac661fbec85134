// Who holds and owns an account: a death, heirs, joint owners. Each shows what the server would change, by the act that would do it.
import { useState, type ReactNode } from 'react'
import { Button, Group, Stack, Text } from '@mantine/core'
import { useQuery, type CombinedError } from 'urql'
import {
  Changes, ChoiceField, FieldRow, FormView, Problem, Refusals, TextField, Waiting, useAct, useFinish, useForm, useFormat, type Picked, type Value,
} from '@aiscra/ui'
import { graphql, type AccountCardQuery, type DeathRegisterInput, type DeathSeenQuery, type HeirsEnterInput, type OwnersRecordInput } from '../../gql'
import { useToday } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { DocumentField } from '../archive/document-field'

export type Account = NonNullable<AccountCardQuery['account']>
export interface FormProps {
  account: Account
  close: () => void
  refresh: () => void
}
type Refuse = (name: string, words: string) => void

const registerDeath = graphql(`
  mutation DeathRegister($input: DeathRegisterInput!) { deathRegister(input: $input) { person { id diedOn } errors { code field message } } }
`)
const enterHeirs = graphql(`
  mutation HeirsEnter($input: HeirsEnterInput!) { heirsEnter(input: $input) { account { id version } errors { code field message } } }
`)
const recordOwners = graphql(`
  mutation OwnersRecord($input: OwnersRecordInput!) { ownersRecord(input: $input) { account { id version } errors { code field message } } }
`)
const deathSeen = graphql(`
  query DeathSeen($input: DeathRegisterInput!) { deathPreview(input: $input) { preview {
    accounts {
      account { id number } from holderBefore holderAfter sessionsEnded balanceBefore balanceAfter penaltyRestsUntil penaltyRestDays warned
      ownersBefore { name share part } ownersAfter { name share part }
    }
  } errors { code field message } } }
`)
const heirsSeen = graphql(`
  query HeirsSeen($input: HeirsEnterInput!) { heirsPreview(input: $input) { preview {
    accounts {
      account { id number } from holderBefore holderAfter sessionsEnded balanceBefore balanceAfter penaltyRestsUntil penaltyRestDays warned
      ownersBefore { name share part } ownersAfter { name share part }
    }
  } errors { code field message } } }
`)
const ownersSeen = graphql(`
  query OwnersSeen($input: OwnersRecordInput!) { ownersPreview(input: $input) { preview {
    accounts {
      account { id number } from holderBefore holderAfter sessionsEnded balanceBefore balanceAfter penaltyRestsUntil penaltyRestDays warned
      ownersBefore { name share part } ownersAfter { name share part }
    }
  } errors { code field message } } }
`)

/** What the server said to a preview: figures, or why not. */
export function Seen({ children, errors }: { children: ReactNode; errors: readonly { code: string; field?: string | null; message: string }[] }) {
  return errors.length > 0 ? <Refusals errors={[...errors]} shown={[]} /> : <>{children}</>
}

/** Every account before and after: who holds and owns it, what is owed, what ends and what rests. */
function Succession({ error, payload, again }: { error: CombinedError | undefined; payload: DeathSeenQuery['deathPreview'] | undefined; again: () => void }) {
  const t = useT()
  const format = useFormat()
  if (error) return <Problem error={error} retry={again} />
  if (!payload) return <Waiting lines={4} />
  const owners = (list: readonly { name: string; share: string; part: string }[]) => list.map((one) => `${one.name} ${one.share}: ${format.money(one.part)}`).join('; ') || '\u2014'
  return (
    <Seen errors={payload.errors}>
      {payload.preview?.accounts.length === 0 && <Text size="sm">{t('life.noAccounts')}</Text>}
      <Stack gap="md">
        {payload.preview?.accounts.map((one) => (
          <Changes
            key={one.account.id} title={t('subscribers.account', { number: one.account.number })}
            rows={[
              { label: t('subscribers.holder'), from: one.holderBefore ?? '\u2014', to: one.holderAfter ?? '\u2014' },
              ...(one.ownersBefore.length + one.ownersAfter.length > 0 ? [{ label: t('life.owners'), from: owners(one.ownersBefore), to: owners(one.ownersAfter) }] : []),
              { label: t('common.fromDay'), from: '\u2014', to: format.date(one.from) },
              ...(one.sessionsEnded > 0 ? [{ label: t('life.sessions'), from: format.count(one.sessionsEnded), to: '0' }] : []),
              { label: t('subscribers.balance'), from: format.money(one.balanceBefore), to: format.money(one.balanceAfter) },
              ...(one.penaltyRestsUntil
                ? [{ label: t('life.penaltyRests'), from: '\u2014', to: t('life.restsUntil', { date: format.date(one.penaltyRestsUntil), count: one.penaltyRestDays }) }]
                : []),
            ]}
            note={one.warned ? t('life.warnedHolder') : t('life.nothingMoves')}
          />
        ))}
      </Stack>
    </Seen>
  )
}

function DeathSeen({ input }: { input: DeathRegisterInput }) {
  const [result, again] = useQuery({ query: deathSeen, variables: { input }, requestPolicy: 'network-only' })
  return <Succession error={result.error} payload={result.data?.deathPreview} again={again} />
}

function HeirsSeen({ input }: { input: HeirsEnterInput }) {
  const [result, again] = useQuery({ query: heirsSeen, variables: { input }, requestPolicy: 'network-only' })
  return <Succession error={result.error} payload={result.data?.heirsPreview} again={again} />
}

function OwnersSeen({ input }: { input: OwnersRecordInput }) {
  const [result, again] = useQuery({ query: ownersSeen, variables: { input }, requestPolicy: 'network-only' })
  return <Succession error={result.error} payload={result.data?.ownersPreview} again={again} />
}

export function DeathForm({ account, close, refresh }: FormProps) {
  const t = useT()
  const finish = useFinish(close, refresh)
  const made = (values: { date: string; document: Picked | null }): DeathRegisterInput => ({
    personId: account.holder!.id, date: values.date, documentId: values.document?.id ?? '',
  })
  const form = useForm({
    act: useAct(registerDeath),
    start: { date: '', document: null as Picked | null },
    input: (read, values) => {
      read.text('date')
      read.picked('document')
      return made(values)
    },
    done: () => finish(t('life.deathDone')),
  })
  return (
    <FormView form={form} submit={t('life.deathRegister')} cancel={close} danger check={() => <DeathSeen input={made(form.values)} />}>
      <Text size="sm" c="dimmed">{t('life.deathText')}</Text>
      <TextField name="date" label={t('life.diedOn')} kind="date" required />
      <DocumentField name="document" required />
    </FormView>
  )
}

const most = 6
const row = (at: number) => ({ name: `name${at}`, iin: `iin${at}`, share: `share${at}` })
const startRows = (): Record<string, Value> => Object.fromEntries(Array.from({ length: most }, (_, at) => [[row(at).name, ''], [row(at).iin, ''], [row(at).share, '']]).flat())

/** Rows of people with their shares: 1/3. */
function shares(values: Record<string, Value>, refuse: Refuse, words: { needed: string; share: string }) {
  const text = (name: string) => String(values[name] ?? '').trim()
  return Array.from({ length: most }, (_, at) => row(at)).flatMap(({ name, iin, share }) => {
    if (!text(name) && !text(iin) && !text(share)) return []
    if (!text(name)) refuse(name, words.needed)
    const parts = /^(\d{1,5})\s*\/\s*(\d{1,5})$/.exec(text(share))
    if (!parts) refuse(share, words.share)
    return [{ person: { kind: 'PERSON' as const, name: text(name), identification: text(iin) || null }, numerator: Number(parts?.[1] ?? 1), denominator: Number(parts?.[2] ?? 1) }]
  })
}

function ShareFields() {
  const t = useT()
  const [count, setCount] = useState(2)
  return (
    <>
      {Array.from({ length: count }, (_, at) => row(at)).map(({ name, iin, share }, at) => (
        <FieldRow key={name}>
          <TextField name={name} label={t('life.person', { number: at + 1 })} />
          <TextField name={iin} label={t('enum.PartyKind.PERSON')} mode="numeric" />
          <TextField name={share} label={t('life.share')} hint={at === 0 ? t('life.shareHint') : undefined} />
        </FieldRow>
      ))}
      {count < most && <Group><Button size="xs" variant="default" onClick={() => setCount(count + 1)}>{t('life.onePerson')}</Button></Group>}
    </>
  )
}

export function HeirsForm({ account, close, refresh }: FormProps) {
  const t = useT()
  const finish = useFinish(close, refresh)
  const made = (values: Record<string, Value>, refuse: Refuse): HeirsEnterInput => ({
    accountId: account.id, expectedVersion: account.version, date: String(values.date), documentId: (values.document as Picked | null)?.id ?? '',
    heirs: shares(values, refuse, { needed: t('life.needed'), share: t('life.shareHint') }), payer: Number(values.payer),
  })
  const form = useForm({
    act: useAct(enterHeirs),
    start: { date: useToday(), document: null, payer: '0', ...startRows() } as Record<string, Value>,
    input: (read, values) => {
      const input = made(values, (name, words) => read.refuse(name, words))
      if (input.heirs.length === 0) read.refuse('name0', t('life.needed'))
      if (!values.date) read.refuse('date', t('life.needed'))
      if (!values.document) read.refuse('document', t('life.needed'))
      return input
    },
    done: () => finish(t('life.heirsDone')),
  })
  return (
    <FormView form={form} submit={t('life.heirsEnter')} cancel={close} refresh={refresh} check={() => <HeirsSeen input={made(form.values, () => undefined)} />}>
      <Text size="sm" c="dimmed">{t('life.heirsText')}</Text>
      <TextField name="date" label={t('common.fromDay')} kind="date" required />
      <ShareFields />
      <ChoiceField name="payer" label={t('life.payer')} choices={Array.from({ length: most }, (_, at) => ({ value: String(at), label: String(form.values[row(at).name] || at + 1) }))} />
      <DocumentField name="document" required />
    </FormView>
  )
}

export function OwnersForm({ account, close, refresh }: FormProps) {
  const t = useT()
  const finish = useFinish(close, refresh)
  const made = (values: Record<string, Value>, refuse: Refuse): OwnersRecordInput => ({
    accountId: account.id, expectedVersion: account.version, from: String(values.date), documentId: (values.document as Picked | null)?.id ?? '',
    owners: shares(values, refuse, { needed: t('life.needed'), share: t('life.shareHint') }),
  })
  const form = useForm({
    act: useAct(recordOwners),
    start: { date: useToday(), document: null, ...startRows() } as Record<string, Value>,
    input: (read, values) => {
      if (!values.date) read.refuse('date', t('life.needed'))
      if (!values.document) read.refuse('document', t('life.needed'))
      return made(values, (name, words) => read.refuse(name, words))
    },
    done: () => finish(t('life.ownersDone')),
  })
  return (
    <FormView form={form} submit={t('common.save')} cancel={close} refresh={refresh} check={() => <OwnersSeen input={made(form.values, () => undefined)} />}>
      <Text size="sm" c="dimmed">{t('life.ownersText')}</Text>
      <TextField name="date" label={t('common.fromDay')} kind="date" required />
      <ShareFields />
      <DocumentField name="document" required />
    </FormView>
  )
}
