// The life of an account: moving out with a final bill, a balance that moves, a division; a death, heirs and owners beside it.
// Each shows what the server would do, by the act that would do it, before it is done.
import { Box, Group, Text } from '@mantine/core'
import { useQuery } from 'urql'
import {
  ChoiceField, DataTable, DialogButton, Empty, FieldRow, Figures, FormView, Problem, SwitchField, TextField, Waiting, parseDecimal, sign, unsigned, useAct, useFinish, useForm,
  useFormat, type Picked, type Value,
} from '@aiscra/ui'
import { graphql, type DivisionInput, type FinalBillInput, type TransferInput } from '../../gql'
import { useCan, useToday } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { DocumentField } from '../archive/document-field'
import { AccountField } from './account-field'
import { Balance } from './balance'
import { DeathForm, HeirsForm, OwnersForm, Seen, type Account, type FormProps } from './succession'


const seenQuery = graphql(`
  query FinalBillSeen($input: FinalBillInput!) {
    finalBillPreview(input: $input) {
      preview { charged balance readings monthWasIssued lines { service component basis from to volume gross } }
      errors { code field message }
    }
  }
`)
const makeFinal = graphql(`
  mutation FinalBillMake($input: FinalBillInput!) {
    finalBillMake(input: $input) { done { account { id status version } bill { id } result { charged balance } } errors { code field message } }
  }
`)
const transferSeen = graphql(`
  query TransferSeen($input: TransferInput!) {
    transferPreview(input: $input) { preview { debt advance second fromBalance toBalance } errors { code field message } }
  }
`)
const createTransfer = graphql(`
  mutation TransferCreate($input: TransferInput!) { transferCreate(input: $input) { transfer { id state } errors { code field message } } }
`)
const divisionSeen = graphql(`
  query DivisionSeen($input: DivisionInput!) {
    divisionPreview(input: $input) { preview { charged carried balances { account { id number } balance } } errors { code field message } }
  }
`)
const proposeDivision = graphql(`
  mutation DivisionPropose($input: DivisionInput!) { divisionPropose(input: $input) { division { id state } errors { code field message } } }
`)

const readingOf = (id: string) => `reading:${id}`
const metered = (account: Account) => account.points.filter((point) => point.meter)
const startReadings = (account: Account): Record<string, Value> => Object.fromEntries(metered(account).map((point) => [readingOf(point.id), '']))

/** Closing readings that were typed, each an exact number. */
function closing(account: Account, values: Record<string, Value>, refuse: (name: string, words: string) => void, words: string) {
  return metered(account).flatMap((point) => {
    const text = String(values[readingOf(point.id)] ?? '').trim()
    if (!text) return []
    const value = parseDecimal(text, 3)
    if (value === null) refuse(readingOf(point.id), words)
    return [{ pointId: point.id, value: value ?? '' }]
  })
}

function ClosingFields({ account }: { account: Account }) {
  const t = useT()
  const format = useFormat()
  return (
    <>
      {metered(account).map((point) => (
        <TextField
          key={point.id} name={readingOf(point.id)} mode="decimal" unit="м³"
          label={t('life.closingReading', { which: point.hot ? t('subscribers.hotWater') : t('subscribers.coldWater'), serial: point.meter!.serial })}
          hint={point.lastReading ? t('life.lastWas', { value: format.volume(point.lastReading.value), date: format.shortDate(point.lastReading.takenOn) }) : undefined}
        />
      ))}
      {metered(account).length > 0 && (
        <>
          <SwitchField name="unread" label={t('life.unread')} hint={t('life.unreadHint')} />
          <SwitchField name="seen" label={t('life.doubtfulSeen')} />
        </>
      )}
    </>
  )
}

function FinalBillSeen({ number, input }: { number: string; input: FinalBillInput }) {
  const t = useT()
  const format = useFormat()
  const [result, again] = useQuery({ query: seenQuery, variables: { input }, requestPolicy: 'network-only' })
  if (result.error) return <Problem error={result.error} retry={again} />
  if (!result.data) return <Waiting lines={4} />
  const { preview, errors } = result.data.finalBillPreview
  return (
    <Seen errors={errors}>
      {preview && (
        <>
          <Text size="sm" mb="xs">{t('life.finalCheck', { number, date: format.date(input.date) })}</Text>
          {preview.monthWasIssued && <Text size="sm" fw={600} mb="xs">{t('life.monthWasIssued')}</Text>}
          <DataTable
            caption={t('life.finalBill')} rows={preview.lines} rowKey={(row) => `${row.service} ${row.component} ${row.basis} ${row.from}`} empty={<Empty title={t('billing.noLines')} />}
            columns={[
              { key: 'service', head: t('life.service'), cell: (row) => <div>{t(`enum.Service.${row.service}`)}<Text size="xs" c="dimmed">{t(`enum.Basis.${row.basis}`)}</Text></div> },
              { key: 'days', head: t('life.days'), cell: (row) => <span className="tab">{format.shortDate(row.from)} – {format.shortDate(row.to)}</span> },
              { key: 'volume', head: t('life.volume'), numeric: true, cell: (row) => format.volume(row.volume) },
              { key: 'gross', head: t('ledger.amount'), numeric: true, cell: (row) => format.money(row.gross) },
            ]}
          />
          <Box mt="md"><Figures rows={[{ label: t('billing.charged'), value: format.money(preview.charged) }, { label: t('life.balanceThen'), value: <Balance value={preview.balance} /> }]} /></Box>
        </>
      )}
    </Seen>
  )
}

export function FinalBillForm({ account, close, refresh }: FormProps) {
  const t = useT()
  const finish = useFinish(close, refresh)
  const format = useFormat()
  const made = (values: Record<string, Value>, refuse: (name: string, words: string) => void): FinalBillInput => ({
    accountId: account.id, expectedVersion: account.version, date: String(values.date), documentId: (values.document as Picked | null)?.id ?? '',
    readings: closing(account, values, refuse, t('life.badReading')), unread: Boolean(values.unread), doubtfulSeen: Boolean(values.seen),
  })
  const form = useForm({
    act: useAct(makeFinal),
    start: { date: useToday(), document: null, unread: false, seen: false, ...startReadings(account) } as Record<string, Value>,
    input: (read, values) => {
      if (!values.date) read.refuse('date', t('life.needed'))
      if (!values.document) read.refuse('document', t('life.needed'))
      return made(values, (name, words) => read.refuse(name, words))
    },
    done: (payload) => finish(t('life.movedOut', { number: account.number, sum: format.money(payload.done?.result.charged ?? '0.00') })),
  })
  return (
    <FormView form={form} submit={t('life.makeFinal')} cancel={close} refresh={refresh} danger check={() => <FinalBillSeen number={account.number} input={made(form.values, () => undefined)} />}>
      <Text size="sm" c="dimmed">{t('life.finalText')}</Text>
      <TextField name="date" label={t('subscribers.moveOutDate')} hint={t('subscribers.moveOutHint')} kind="date" required />
      <ClosingFields account={account} />
      <DocumentField name="document" required />
    </FormView>
  )
}

function TransferSeenView({ input }: { input: TransferInput }) {
  const t = useT()
  const format = useFormat()
  const [result, again] = useQuery({ query: transferSeen, variables: { input }, requestPolicy: 'network-only' })
  if (result.error) return <Problem error={result.error} retry={again} />
  if (!result.data) return <Waiting lines={3} />
  const { preview, errors } = result.data.transferPreview
  return (
    <Seen errors={errors}>
      {preview && (
        <>
          <Figures
            rows={[
              { label: t('life.debtMoves'), value: format.money(preview.debt) }, { label: t('life.advanceMoves'), value: format.money(preview.advance) },
              { label: t('life.fromThen'), value: <Balance value={preview.fromBalance} /> }, { label: t('life.toThen'), value: <Balance value={preview.toBalance} /> },
            ]}
          />
          {preview.second.length > 0 && <Text size="sm" fw={600} mt="xs">{t('life.secondPerson')}</Text>}
        </>
      )}
    </Seen>
  )
}

function TransferForm({ account, close, refresh }: FormProps) {
  const t = useT()
  const format = useFormat()
  const finish = useFinish(close, refresh)
  const made = (values: { to: Picked | null; advance: string; document: Picked | null; reason: string }): TransferInput => ({
    fromId: account.id, toId: values.to?.id ?? '', items: [], advance: values.advance ? parseDecimal(values.advance, 2) : null, documentId: values.document?.id ?? '', reason: values.reason,
  })
  const form = useForm({
    act: useAct(createTransfer),
    // Who owes nothing has only an advance to move.
    start: { to: null as Picked | null, advance: sign(account.balance) < 0 ? format.amount(unsigned(account.balance)) : '', document: null as Picked | null, reason: '' },
    input: (read, values) => {
      read.picked('to')
      read.picked('document')
      read.text('reason')
      if (values.advance) read.decimal('advance', 2)
      return made(values)
    },
    done: (payload) => finish(payload.transfer?.state === 'WAITING' ? t('life.waits') : t('life.transferDone')),
  })
  return (
    <FormView form={form} submit={t('life.transfer')} cancel={close} check={() => <TransferSeenView input={made(form.values)} />}>
      <Text size="sm" c="dimmed">{t('life.transferText')}</Text>
      <AccountField name="to" label={t('life.toAccount')} required />
      <TextField name="advance" label={t('life.advancePart')} hint={t('life.advanceHint')} mode="decimal" unit="₸" />
      <TextField name="reason" label={t('corrections.reason')} kind="long" required />
      <DocumentField name="document" required />
    </FormView>
  )
}

function DivisionSeenView({ input }: { input: DivisionInput }) {
  const t = useT()
  const format = useFormat()
  const [result, again] = useQuery({ query: divisionSeen, variables: { input }, requestPolicy: 'network-only' })
  if (result.error) return <Problem error={result.error} retry={again} />
  if (!result.data) return <Waiting lines={3} />
  const { preview, errors } = result.data.divisionPreview
  return (
    <Seen errors={errors}>
      {preview && (
        <>
          <Figures
            rows={[
              { label: t('life.finalCharged'), value: format.money(preview.charged) }, { label: t('life.carried'), value: format.money(preview.carried) },
              ...preview.balances.map((one) => ({ label: t('subscribers.account', { number: one.account.number }), value: <Balance value={one.balance} /> })),
            ]}
          />
          <Text size="sm" fw={600} mt="xs">{t('life.secondPerson')}</Text>
        </>
      )}
    </Seen>
  )
}

const takers = [0, 1, 2]
function DivisionForm({ account, close, refresh }: FormProps) {
  const t = useT()
  const finish = useFinish(close, refresh)
  const made = (values: Record<string, Value>, refuse: (name: string, words: string) => void): DivisionInput => ({
    date: String(values.date), documentId: (values.document as Picked | null)?.id ?? '', reason: String(values.reason), doubtfulSeen: Boolean(values.seen),
    from: [{ accountId: account.id, expectedVersion: account.version, readings: closing(account, values, refuse, t('life.badReading')), unread: Boolean(values.unread) }],
    to: takers.flatMap((at) => {
      const to = values[`to${at}`] as Picked | null
      if (!to) return []
      const parts = /^(\d{1,5})\s*\/\s*(\d{1,5})$/.exec(String(values[`share${at}`] ?? '').trim())
      if (!parts) refuse(`share${at}`, t('life.shareHint'))
      return [{
        accountId: to.id, numerator: Number(parts?.[1] ?? 1), denominator: Number(parts?.[2] ?? 1),
        pointIds: account.points.filter((point) => values[`point:${point.id}`] === String(at)).map((point) => point.id),
      }]
    }),
  })
  const form = useForm({
    act: useAct(proposeDivision),
    start: {
      date: useToday(), document: null, reason: '', unread: false, seen: false, ...startReadings(account),
      ...Object.fromEntries(takers.flatMap((at) => [[`to${at}`, null], [`share${at}`, at === 0 ? '1/1' : '']])),
      ...Object.fromEntries(account.points.map((point) => [`point:${point.id}`, '0'])),
    } as Record<string, Value>,
    input: (read, values) => {
      for (const name of ['date', 'document', 'reason', 'to0']) if (!values[name]) read.refuse(name, t('life.needed'))
      return made(values, (name, words) => read.refuse(name, words))
    },
    done: () => finish(t('life.waits')),
  })
  return (
    <FormView form={form} submit={t('life.divide')} cancel={close} refresh={refresh} danger check={() => <DivisionSeenView input={made(form.values, () => undefined)} />}>
      <Text size="sm" c="dimmed">{t('life.divideText')}</Text>
      <TextField name="date" label={t('life.divideDate')} kind="date" required />
      {takers.map((at) => (
        <FieldRow key={at}>
          <AccountField name={`to${at}`} label={t('life.taker', { number: at + 1 })} required={at === 0} />
          <TextField name={`share${at}`} label={t('life.share')} hint={at === 0 ? t('life.shareHint') : undefined} />
        </FieldRow>
      ))}
      {account.points.map((point) => (
        <ChoiceField
          key={point.id} name={`point:${point.id}`}
          label={t('life.pointTo', { which: point.hot ? t('subscribers.hotWater') : t('subscribers.coldWater'), serial: point.meter?.serial ?? t('subscribers.noMeter') })}
          choices={[...takers.map((at) => ({ value: String(at), label: t('life.taker', { number: at + 1 }) })), { value: '', label: '—' }]}
        />
      ))}
      <ClosingFields account={account} />
      <TextField name="reason" label={t('corrections.reason')} kind="long" required />
      <DocumentField name="document" required />
    </FormView>
  )
}

export function LifeActs({ account, refresh }: { account: Account; refresh: () => void }) {
  const t = useT()
  const can = useCan()
  const active = account.status === 'ACTIVE'
  const household = account.sector !== 'LEGAL'
  const props = { account, refresh }
  const write = can('ACCOUNT_WRITE')
  return (
    <Group gap="xs" className="no-print">
      {write && active && household && account.holder?.isEstate && (
        <DialogButton label={t('life.heirsEnter')} size="xl" buttonSize="xs">{(close) => <HeirsForm {...props} close={close} />}</DialogButton>
      )}
      {write && active && household && account.holder && !account.holder.isEstate && account.holder.kind === 'PERSON' && (
        <DialogButton label={t('life.death')} buttonSize="xs">{(close) => <DeathForm {...props} close={close} />}</DialogButton>
      )}
      {write && active && household && <DialogButton label={t('life.owners')} size="xl" buttonSize="xs">{(close) => <OwnersForm {...props} close={close} />}</DialogButton>}
      {write && active && household && <DialogButton label={t('life.division')} size="xl" buttonSize="xs">{(close) => <DivisionForm {...props} close={close} />}</DialogButton>}
      {can('CORRECTION_WRITE') && <DialogButton label={t('life.transfer')} buttonSize="xs">{(close) => <TransferForm {...props} close={close} />}</DialogButton>}
    </Group>
  )
}
