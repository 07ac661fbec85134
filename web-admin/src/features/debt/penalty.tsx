// Penalty of a month: reckoned, looked at, posted, taken back; and the days without it. What takes back or lets rest, two people sign.
import { useState } from 'react'
import { Group, Stack, Text } from '@mantine/core'
import { useQuery } from 'urql'
import {
  Answer, Chip, ChoiceField, DataTable, DialogButton, Empty, FieldRow, FormView, IconPlus, PagedTable, Section, TextField, sign, useAct, useFinish, useForm, useFormat, usePages, type Picked,
} from '@aiscra/ui'
import { graphql, type ConsumerGroup, type MoratoriaQuery, type PenaltyAccrualsQuery, type Sector, type SignedAct } from '../../gql'
import { useCan, useToday } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { DaysFields } from '../../lib/days-fields'
import { Failure } from '../../lib/failure'
import { useT } from '../../lib/i18n'
import { useAgainWhile } from '../../lib/poll'
import { MonthField } from '../../lib/month-field'
import { Awaiting, SecondNeeded } from '../access/signatures'
import { DocumentField } from '../archive/document-field'
import { AskButton, DebtHead, groups, sectors, toneOf } from './parts'

const query = graphql(`
  query PenaltyAccruals($after: String) {
    penaltyAccruals(first: 20, after: $after) {
      nodes { id month sector upTo state period accounts items added takenBack error startedBy startedAt postedBy postedAt reversedBy }
      pageInfo { hasNextPage endCursor }
    }
  }
`)
const reckon = graphql(`
  mutation PenaltyReckon($input: PenaltyReckonInput!) { penaltyReckon(input: $input) { accrual { id } errors { code field message } } }
`)
const post = graphql(`
  mutation PenaltyPost($input: PenaltyPostInput!) { penaltyPost(input: $input) { accrual { id state } errors { code field message } } }
`)
const put = graphql(`
  mutation PenaltyDrop($input: PenaltyDropInput!) { penaltyDrop(input: $input) { accrual { id state } errors { code field message } } }
`)
const reverse = graphql(`
  mutation PenaltyReverse($input: PenaltyReverseInput!) { penaltyReverse(input: $input) { signature { id } errors { code field message } } }
`)
const moratoriaQuery = graphql(`
  query Moratoria { moratoria(all: true) { id sector consumerGroup accountId from to reason recordedBy withdrawn } }
`)
const recordMoratorium = graphql(`
  mutation MoratoriumRecord($input: MoratoriumRecordInput!) { moratoriumRecord(input: $input) { signature { id } errors { code field message } } }
`)
const withdrawMoratorium = graphql(`
  mutation MoratoriumWithdraw($input: MoratoriumWithdrawInput!) { moratoriumWithdraw(input: $input) { signature { id } errors { code field message } } }
`)

type Accrual = PenaltyAccrualsQuery['penaltyAccruals']['nodes'][number]
type Rest = MoratoriaQuery['moratoria'][number]
const signed: SignedAct[] = ['PENALTY_REVERSE', 'MORATORIUM_RECORD', 'MORATORIUM_WITHDRAW']

export function PenaltyPage() {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const { actor } = useCodes()
  const pages = usePages(query, {}, (data) => data.penaltyAccruals)
  // What is at work in the background is looked at until it stands still.
  const busy = pages.rows.some((row) => row.state === 'RECKONING' || row.state === 'POSTING' || row.state === 'REVERSING')
  const { refresh } = pages
  useAgainWhile(busy, refresh, 1_500)
  // What was asked for here, and what was decided, is read anew.
  const [asked, setAsked] = useState(0)
  const [decided, setDecided] = useState(0)
  const ask = () => setAsked((now) => now + 1)
  return (
    <>
      <DebtHead title={t('debt.penalty')} lead={t('debt.penaltyLead')} />
      <Stack>
        <Awaiting key={`asked ${asked}`} acts={signed} done={() => { refresh(); setDecided((now) => now + 1) }} />
        <Section title={t('debt.accruals')} flush side={can('DEBT_ACCRUE') && <DialogButton label={t('debt.reckon')} icon={<IconPlus size={14} />} buttonSize="xs" variant="filled">{(close) => <ReckonForm close={close} done={refresh} />}</DialogButton>}>
          <PagedTable
            caption={t('debt.accruals')} pages={pages} rowKey={(row) => row.id}
            empty={<Empty title={t('debt.noAccruals')}>{t('debt.noAccrualsText')}</Empty>}
            columns={[
              { key: 'month', head: t('common.period'), cell: (row) => <div>{format.period(row.month)}<Text size="xs" c="dimmed">{t('debt.upTo', { date: format.shortDate(row.upTo) })}</Text></div> },
              { key: 'sector', head: t('common.sector'), cell: (row) => t(`enum.Sector.${row.sector}`) },
              { key: 'state', head: t('common.state'), cell: (row) => <div><Chip tone={row.error ? 'bad' : toneOf(row.state)}>{t(`enum.AccrualState.${row.state}`)}</Chip>{row.error && <Failure error={row.error} small />}</div> },
              { key: 'accounts', head: t('debt.accounts'), numeric: true, cell: (row) => format.count(row.accounts) },
              { key: 'added', head: t('debt.added'), numeric: true, cell: (row) => <b>{format.money(row.added)}</b> },
              { key: 'taken', head: t('debt.takenBack'), numeric: true, cell: (row) => sign(row.takenBack) === 0 ? '—' : format.money(row.takenBack) },
              { key: 'who', head: t('debt.who'), cell: (row) => <div>{row.postedBy ? actor(row.postedBy) : actor(row.startedBy)}<Text size="xs" c="dimmed">{format.dateTime(row.postedAt ?? row.startedAt)}</Text></div> },
              { key: 'acts', head: '', cell: (row) => can('DEBT_ACCRUE') && <Acts row={row} done={refresh} asked={ask} /> },
            ]}
          />
        </Section>
        <Moratoria key={`decided ${decided}`} asked={ask} />
      </Stack>
    </>
  )
}

function Acts({ row, done, asked }: { row: Accrual; done: () => void; asked: () => void }) {
  const t = useT()
  const format = useFormat()
  const posting = useAct(post)
  const dropping = useAct(put)
  if (row.state === 'READY') {
    return (
      <Group gap={6}>
        <AskButton
          act={posting} input={{ id: row.id }} label={t('debt.post')} said={t('debt.posting')} done={done}
          text={t('debt.postText', { month: format.period(row.month), accounts: row.accounts, added: format.money(row.added), taken: format.money(row.takenBack) })}
        />
        <AskButton act={dropping} input={{ id: row.id }} label={t('debt.drop')} text={t('debt.dropText')} said={t('debt.dropped')} done={done} danger />
      </Group>
    )
  }
  if (row.state === 'RECKONING' && row.error) return <AskButton act={dropping} input={{ id: row.id }} label={t('debt.drop')} text={t('debt.dropText')} said={t('debt.dropped')} done={done} danger />
  if (row.state === 'POSTED') return <DialogButton label={t('debt.reverse')} buttonSize="compact-sm">{(close) => <ReverseForm row={row} close={close} done={asked} />}</DialogButton>
  return null
}

function ReckonForm({ close, done }: { close: () => void; done: () => void }) {
  const t = useT()
  const today = useToday()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(reckon),
    start: { sector: 'MULTI', month: today.slice(0, 7), upTo: '' },
    input: (read, values) => ({ sector: values.sector as Sector, month: read.text('month'), upTo: read.optional('upTo') }),
    done: () => finish(t('debt.reckoning')),
  })
  return (
    <FormView form={form} submit={t('debt.reckon')} cancel={close}>
      <Text size="sm" c="dimmed">{t('debt.reckonText')}</Text>
      <ChoiceField name="sector" label={t('common.sector')} choices={sectors.map((value) => ({ value, label: t(`enum.Sector.${value}`) }))} />
      <FieldRow>
        <MonthField name="month" label={t('common.period')} hint={t('debt.reckonMonthHint')} back={36} required />
        <TextField name="upTo" label={t('debt.lastDay')} hint={t('debt.lastDayHint')} kind="date" />
      </FieldRow>
    </FormView>
  )
}

function ReverseForm({ row, close, done }: { row: Accrual; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(reverse),
    start: { document: null as Picked | null },
    input: (read) => ({ id: row.id, documentId: read.picked('document') }),
    done: () => finish(t('signatures.sent')),
  })
  return (
    <FormView form={form} submit={t('debt.reverse')} cancel={close} danger check={() => t('debt.reverseText', { month: format.period(row.month), added: format.money(row.added), taken: format.money(row.takenBack) })}>
      <SecondNeeded />
      <DocumentField name="document" required />
    </FormView>
  )
}

function Moratoria({ asked }: { asked: () => void }) {
  const { actor } = useCodes()
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const [result, refetch] = useQuery({ query: moratoriaQuery })
  const again = () => refetch({ requestPolicy: 'network-only' })
  return (
    <Section title={t('debt.moratoria')} flush side={can('DEBT_ACCRUE') && <DialogButton label={t('debt.newMoratorium')} icon={<IconPlus size={14} />} buttonSize="xs">{(close) => <MoratoriumForm close={close} done={asked} />}</DialogButton>}>
      <Answer result={result} retry={again}>
        {({ moratoria }) => (
          <DataTable
            caption={t('debt.moratoria')} rows={moratoria} rowKey={(row) => row.id} empty={<Empty title={t('debt.noMoratoria')}>{t('debt.noMoratoriaText')}</Empty>}
            columns={[
              { key: 'days', head: t('debt.days'), cell: (row) => <span className="tab">{row.to ? `${format.shortDate(row.from)} – ${format.shortDate(row.to)}` : t('common.from', { from: format.shortDate(row.from) })}</span> },
              { key: 'whom', head: t('debt.whom'), cell: (row) => [row.sector && t(`enum.Sector.${row.sector}`), row.consumerGroup && t(`enum.ConsumerGroup.${row.consumerGroup}`), row.accountId && t('debt.oneAccount')].filter(Boolean).join(', ') || t('common.all') },
              { key: 'reason', head: t('debt.reason'), cell: (row) => row.reason },
              { key: 'who', head: t('debt.who'), cell: (row) => actor(row.recordedBy) },
              { key: 'state', head: t('common.state'), cell: (row) => row.withdrawn ? <Chip tone="plain">{t('debt.withdrawn')}</Chip> : <Chip tone="good">{t('debt.inForce')}</Chip> },
              { key: 'acts', head: '', cell: (row) => !row.withdrawn && can('DEBT_ACCRUE') && <DialogButton label={t('debt.withdraw')} buttonSize="compact-sm">{(close) => <WithdrawForm row={row} close={close} done={asked} />}</DialogButton> },
            ]}
          />
        )}
      </Answer>
    </Section>
  )
}

function WithdrawForm({ row, close, done }: { row: Rest; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(withdrawMoratorium),
    start: { document: null as Picked | null },
    input: (read) => ({ id: row.id, documentId: read.picked('document') }),
    done: () => finish(t('signatures.sent')),
  })
  return (
    <FormView form={form} submit={t('debt.withdraw')} cancel={close} danger>
      <Text size="sm">{t('debt.withdrawText')}</Text>
      <SecondNeeded />
      <DocumentField name="document" required />
    </FormView>
  )
}

function MoratoriumForm({ close, done }: { close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(recordMoratorium),
    start: { sector: '', consumerGroup: '', from: useToday(), to: '', reason: '', document: null as Picked | null },
    input: (read, values) => ({
      sector: (values.sector || null) as Sector | null, consumerGroup: (values.consumerGroup || null) as ConsumerGroup | null, from: read.text('from'), to: read.optional('to'), reason: read.text('reason'), documentId: read.picked('document'),
    }),
    done: () => finish(t('signatures.sent')),
  })
  return (
    <FormView form={form} submit={t('debt.newMoratorium')} cancel={close}>
      <FieldRow>
        <ChoiceField name="sector" label={t('common.sector')} choices={[{ value: '', label: t('common.all') }, ...sectors.map((value) => ({ value, label: t(`enum.Sector.${value}`) }))]} />
        <ChoiceField name="consumerGroup" label={t('tariffs.group')} choices={[{ value: '', label: t('common.all') }, ...groups.map((value) => ({ value, label: t(`enum.ConsumerGroup.${value}`) }))]} />
      </FieldRow>
      <DaysFields />
      <TextField name="reason" label={t('debt.reason')} required />
      <SecondNeeded />
      <DocumentField name="document" required />
    </FormView>
  )
}
