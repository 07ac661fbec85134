// What the contract of a legal entity lets it use, and what of that the issued bills used: how much is left is seen before the year ends.
import { useState } from 'react'
import { Group, NativeSelect, Progress, Stack, Text } from '@mantine/core'
import { useQuery } from 'urql'
import {
  Changes, Chart, ChoiceField, Chip, DataTable, DialogButton, Empty, FieldRow, Figures, FormView, IconPlus, Problem, Section, TextField, Waiting, sign, useAct, useFinish, useForm,
  useFormat, type Picked,
} from '@aiscra/ui'
import { graphql, type LimitUseQuery, type Service } from '../../gql'
import { useCan, useToday } from '../../lib/can'
import { useDays } from '../../lib/days'
import { useT } from '../../lib/i18n'
import { MonthField } from '../../lib/month-field'
import { addUp } from '../../lib/sums'
import { DocumentField } from '../archive/document-field'
import { DocumentName } from '../archive/document-name'
import { usePointName } from '../subscribers/points'
import { Stands, type Contract, type ContractPoint } from './parts'

const query = graphql(`
  query LimitUse($id: ID!, $year: Int!) {
    account(id: $id) {
      id
      limitUse(year: $year) { contractId service premiseId pointId monthly yearly used above months { period volume above } }
    }
  }
`)
const overQuery = graphql(`
  query OverLimit { settings(code: "billing.over_limit_coefficient", first: 20) { nodes { id value from to confirmedBy } } }
`)
const set = graphql(`
  mutation LimitSet($input: LimitSetInput!) { limitSet(input: $input) { contract { id version } errors { code field message } } }
`)

type Use = NonNullable<LimitUseQuery['account']>['limitUse'][number]
type Limit = Contract['limits'][number]
/** A limit with the contract that it is an annex of. */
type Annexed = Limit & { contract: Contract }
interface Props {
  account: { id: string; number: string }
  contracts: readonly Contract[]
  /** The one that limits may be set in. */
  contract: Contract | undefined
  points: readonly ContractPoint[]
  writes: boolean
  done: () => void
}
const services: Service[] = ['WATER', 'SEWERAGE_COLD', 'SEWERAGE_HOT']
type Where = Pick<Limit, 'premiseId' | 'pointId'>
const same = (a: Where & { service: Service }, b: Where & { service: Service }) =>
  a.service === b.service && (a.premiseId ?? null) === (b.premiseId ?? null) && (a.pointId ?? null) === (b.pointId ?? null)
/** What was chosen: everything, an object or a point. */
const whereOf = (value: string): Where => {
  const [kind, id = null] = value.split('|')
  return { premiseId: kind === 'object' ? id : null, pointId: kind === 'point' ? id : null }
}
const monthsOf = (year: number) => Array.from({ length: 12 }, (_, at) => `${year}-${String(at + 1).padStart(2, '0')}`)
/** The version that holds in a month. */
const inMonth = (limits: readonly Limit[], month: string) => limits.find((one) => one.from.slice(0, 7) <= month && (!one.to || one.to.slice(0, 7) >= month))

/** What of a contract a limit is about, in words. */
function usePlace(points: readonly ContractPoint[]) {
  const t = useT()
  const name = usePointName()
  return ({ premiseId, pointId }: Where) =>
    pointId ? name(points.find((one) => one.id === pointId))
    : premiseId ? points.find((one) => one.premise?.id === premiseId)?.premise?.address ?? t('limits.formerObject')
    : t('limits.ofContract')
}

/** What a volume above a limit is multiplied by today; nothing to whoever may not read settings. */
function useOver(): string | undefined {
  const can = useCan()
  const today = useToday()
  const [result] = useQuery({ query: overQuery, pause: !can('TARIFF_READ') })
  return result.data?.settings.nodes.find((one) => one.confirmedBy != null && one.from <= today && (!one.to || one.to >= today))?.value
}

function Over() {
  const t = useT()
  const format = useFormat()
  const over = useOver()
  if (!over) return null
  return <Text size="sm" c="dimmed">{Number(over) === 1 ? t('limits.overShown') : t('limits.overTimes', { times: format.decimal(over) })}</Text>
}

export function Limits({ account, contracts, contract, points, writes, done }: Props) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const days = useDays()
  const place = usePlace(points)
  const rows: Annexed[] = contracts.flatMap((one) => one.limits.map((limit) => ({ ...limit, contract: one })))
  const volume = (value: string | null | undefined) => (value ? format.volume(value) : '—')
  return (
    <Section
      flush title={t('limits.title')}
      side={writes && contract && (
        <DialogButton label={t('limits.set')} icon={<IconPlus size={14} />} buttonSize="xs">
          {(close) => <LimitForm account={account} contract={contract} points={points} close={close} done={done} />}
        </DialogButton>
      )}
    >
      {rows.length > 0 && can('BILL_READ') && <Year key={JSON.stringify(rows)} account={account} limits={rows} points={points} />}
      <DataTable
        caption={t('limits.register')} rows={rows} rowKey={(row) => `${row.contract.id} ${row.service} ${row.premiseId} ${row.pointId} ${row.from}`}
        empty={<Empty title={t('limits.none')}>{t(contract ? 'limits.noneText' : 'limits.noContract')}</Empty>}
        columns={[
          { key: 'what', head: t('limits.what'), cell: (row) => <div>{t(`enum.Service.${row.service}`)}<Text size="xs" c="dimmed">{place(row)}</Text></div> },
          { key: 'monthly', head: t('limits.monthly'), numeric: true, cell: (row) => volume(row.monthly) },
          { key: 'yearly', head: t('limits.yearly'), numeric: true, cell: (row) => volume(row.yearly) },
          { key: 'days', head: t('contracts.days'), cell: (row) => <span className="tab">{days(row)}</span> },
          { key: 'source', head: t('limits.source'), cell: (row) => <div>{row.source}<DocumentName id={row.documentId} /></div> },
          { key: 'state', head: t('common.state'), cell: (row) => <Stands row={row} /> },
        ]}
      />
    </Section>
  )
}

/** A year of the limits: what the bills used of each, month by month. Made anew when another one is set. */
function Year({ account, limits, points }: { account: { id: string }; limits: readonly Annexed[]; points: readonly ContractPoint[] }) {
  const t = useT()
  const today = useToday()
  const now = Number(today.slice(0, 4))
  const [year, setYear] = useState(now)
  const first = Math.min(now, ...limits.map((one) => Number(one.from.slice(0, 4))))
  const last = Math.max(now, ...limits.map((one) => Number(one.from.slice(0, 4))))
  const [result, again] = useQuery({ query, variables: { id: account.id, year }, requestPolicy: 'network-only' })
  const uses = result.data?.account?.limitUse
  // Contracts of one year are told apart by their numbers.
  const several = new Set(uses?.map((one) => one.contractId)).size > 1
  return (
    <Stack gap="lg" px="md" pb="md">
      <Group gap="md">
        <NativeSelect
          size="xs" aria-label={t('limits.year')} value={String(year)} onChange={(event) => setYear(Number(event.currentTarget.value))}
          data={Array.from({ length: last - first + 1 }, (_, at) => String(last - at))}
        />
        <Over />
      </Group>
      {result.error && <Problem error={result.error} retry={again} />}
      {!uses && !result.error && <Waiting lines={5} />}
      {uses?.length === 0 && <Text size="sm" c="dimmed">{t('limits.noneInYear', { year: String(year) })}</Text>}
      {uses?.map((use) => <Used key={`${use.contractId}-${use.service}-${use.pointId}-${use.premiseId}`} use={use} year={year} limits={limits.filter((one) => one.contract.id === use.contractId && same(one, use))} points={points} number={several ? limits.find((one) => one.contract.id === use.contractId)?.contract.number ?? null : null} />)}
    </Stack>
  )
}

const within = (volume: string, above: string) => addUp([volume, `-${above}`], 3)

function Used({ use, year, limits, points, number }: { use: Use; year: number; limits: readonly Limit[]; points: readonly ContractPoint[]; number: string | null }) {
  const t = useT()
  const format = useFormat()
  const name = [t(`enum.Service.${use.service}`), usePlace(points)(use), ...(number ? [number] : [])].join(', ')
  const volume = (value: string) => format.volume(value)
  const left = use.yearly ? addUp([use.yearly, `-${use.used}`], 3) : null
  const months = monthsOf(year)
  const monthly = months.map((month) => inMonth(limits, month)?.monthly ?? null)
  const of = (month: string) => use.months.find((one) => one.period === month)
  const share = use.yearly && sign(use.yearly) > 0 ? (100 * Number(use.used)) / Number(use.yearly) : null
  return (
    <div>
      <Group gap="xs" mb={6}>
        <Text fw={600}>{name}</Text>
        {sign(use.above) > 0 && <Chip tone="warn">{t('limits.exceeded', { volume: volume(use.above) })}</Chip>}
      </Group>
      <Figures
        rows={[
          { label: t('limits.monthly'), value: use.monthly ? volume(use.monthly) : '—' },
          { label: t('limits.yearly'), value: use.yearly ? volume(use.yearly) : '—' },
          { label: t('limits.used'), value: volume(use.used) },
          use.yearly ? { label: t('limits.left'), value: left && sign(left) > 0 ? volume(left) : volume('0.000') } : null,
        ]}
      />
      {share !== null && (
        <Progress
          mt="sm" size="lg" value={Math.min(100, share)} color={share > 100 ? 'var(--warn)' : 'var(--chart-1)'}
          aria-label={t('limits.usedOf', { used: volume(use.used), yearly: volume(use.yearly!) })}
        />
      )}
      <Chart
        title={name} corner={t('common.period')} height={200} stacked labels={months.map(format.shortMonth)} full={months.map(format.period)}
        series={[
          { name: t('limits.within'), values: months.map((month) => { const one = of(month); return one ? within(one.volume, one.above) : null }), format: volume },
          { name: t('limits.above'), values: months.map((month) => of(month)?.above ?? null), format: volume },
          ...(monthly.some((one) => one !== null) ? [{ name: t('limits.monthLine'), values: monthly, kind: 'line' as const, format: volume }] : []),
        ]}
      />
    </div>
  )
}

function LimitForm({ account, contract, points, close, done }: { account: { number: string }; contract: Contract; points: readonly ContractPoint[]; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const today = useToday()
  const finish = useFinish(close, done)
  const place = usePlace(points)
  const form = useForm({
    act: useAct(set),
    start: {
      where: '', service: 'WATER', monthly: '', yearly: '', from: (contract.from > today ? contract.from : today).slice(0, 7), to: '', source: '', document: null as Picked | null,
    },
    input: (read, values) => {
      const input = {
        contractId: contract.id, ...whereOf(values.where), service: values.service as Service, monthly: read.decimalOrNull('monthly', 3), yearly: read.decimalOrNull('yearly', 3),
        from: read.text('from'), to: read.optional('to'), source: read.text('source'), documentId: read.picked('document'),
      }
      if (input.to && input.to < input.from) read.refuse('to', t('common.endsBefore'))
      return input
    },
    done: (payload) => finish(t('limits.saved', { number: payload.contract ? contract.number : '' })),
  })
  const { values } = form
  const objects = [...new Map(points.flatMap(({ premise }) => (premise ? [[premise.id, premise.address] as const] : []))).entries()]
  const key = { ...whereOf(values.where), service: values.service as Service }
  const before = inMonth(contract.limits.filter((one) => same(one, key)), values.from)
  const lifts = !values.monthly.trim() && !values.yearly.trim()
  const told = (typed: string) => (typed.trim() ? `${typed.trim()} ${t('limits.m3')}` : t('limits.noLimit'))
  const was = (value: string | null | undefined) => (value ? format.volume(value) : t('limits.noLimit'))
  return (
    <FormView
      form={form} submit={t('common.save')} cancel={close} danger={lifts}
      check={() => (
        <Changes
          title={t('limits.check', { contract: contract.number, number: account.number })}
          rows={[
            { label: t('limits.what'), from: '—', to: `${t(`enum.Service.${key.service}`)}, ${place(key)}` },
            { label: t('limits.monthly'), from: was(before?.monthly), to: told(values.monthly) },
            { label: t('limits.yearly'), from: was(before?.yearly), to: told(values.yearly) },
            { label: t('consumption.fromMonth'), from: before ? format.period(before.from.slice(0, 7)) : '—', to: format.period(values.from) },
            { label: t('consumption.toMonth'), from: '—', to: values.to ? format.period(values.to) : t('limits.toEnd') },
          ]}
          basis={values.document?.label ?? t('archive.withoutDocument')} note={t(lifts ? 'limits.liftNote' : 'common.decidesMoney')}
        />
      )}
    >
      <Over />
      <FieldRow>
        <ChoiceField name="service" label={t('limits.service')} choices={services.map((value) => ({ value, label: t(`enum.Service.${value}`) }))} />
        <ChoiceField
          name="where" label={t('limits.where')}
          choices={[
            { value: '', label: t('limits.ofContract') },
            ...objects.map(([id, address]) => ({ value: `object|${id}`, label: address })),
            ...points.map((point) => ({ value: `point|${point.id}`, label: place({ premiseId: null, pointId: point.id }) })),
          ]}
        />
      </FieldRow>
      <FieldRow>
        <TextField name="monthly" label={t('limits.monthly')} mode="decimal" unit={t('limits.m3')} />
        <TextField name="yearly" label={t('limits.yearly')} hint={t('limits.volumeHint')} mode="decimal" unit={t('limits.m3')} />
      </FieldRow>
      <FieldRow>
        <MonthField name="from" label={t('consumption.fromMonth')} back={12} ahead={12} required />
        <MonthField name="to" label={t('consumption.toMonth')} back={0} ahead={36} none={t('limits.toEnd')} />
      </FieldRow>
      <TextField name="source" label={t('limits.source')} hint={t('limits.sourceHint')} required />
      <DocumentField name="document" required />
    </FormView>
  )
}
