// Campaigns: terms, the forecast before the start, the results after it.
import { useState } from 'react'
import { NativeSelect, Stack, Text } from '@mantine/core'
import { useQuery } from 'urql'
import {
  Answer, Chart, ChecksField, Chip, DataTable, DialogButton, Empty, FieldRow, FormView, IconPlus, PagedTable, Section, SwitchField, TextField, useAct, useFinish, useForm, useFormat, useLanguage, usePages, type Language, type Picked,
} from '@aiscra/ui'
import { graphql, type CampaignsQuery, type ConsumerGroup, type Sector } from '../../gql'
import { useCan, useToday, useViewer } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { MonthField, monthsFrom } from '../../lib/month-field'
import { addUp } from '../../lib/sums'
import { DocumentField } from '../archive/document-field'
import { AskButton, DebtHead, groups, sectors, toneOf } from './parts'

const query = graphql(`
  query Campaigns($after: String) {
    campaigns(first: 20, after: $after) {
      nodes { id nameKk nameRu sectors groups debtFrom debtTo startsOn payBy percent byApplication state proposedBy decidedBy }
      pageInfo { hasNextPage endCursor }
    }
  }
`)
const oneQuery = graphql(`
  query CampaignFigures($id: ID!, $takeUp: Int, $before: Boolean!) {
    campaign(id: $id) {
      id
      forecast(takeUp: $takeUp) @include(if: $before) { sector accounts debt penalty expectedPaid expectedGiven district { id name { kk ru en } } }
      outcome @skip(if: $before) { sector accounts debt penalty applied fulfilled given district { id name { kk ru en } } }
    }
  }
`)
const propose = graphql(`
  mutation CampaignPropose($input: CampaignProposeInput!) { campaignPropose(input: $input) { campaign { id } errors { code field message } } }
`)
const decide = graphql(`
  mutation CampaignDecide($input: CampaignDecideInput!) { campaignDecide(input: $input) { campaign { id state } errors { code field message } } }
`)
const end = graphql(`
  mutation CampaignEnd($input: CampaignEndInput!) { campaignEnd(input: $input) { campaign { id state } errors { code field message } } }
`)

type Campaign = CampaignsQuery['campaigns']['nodes'][number]

export function CampaignsPage() {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const { actor } = useCodes()
  const { language } = useLanguage()
  const pages = usePages(query, {}, (data) => data.campaigns)
  return (
    <>
      <DebtHead title={t('debt.campaigns')} lead={t('debt.campaignsLead')} look={pages.refresh} />
      <Section title={t('debt.campaigns')} flush side={can('DEBT_ACCRUE') && <DialogButton label={t('debt.newCampaign')} icon={<IconPlus size={14} />} buttonSize="xs" variant="filled">{(close) => <ProposeForm close={close} done={pages.refresh} />}</DialogButton>}>
        <PagedTable
          caption={t('debt.campaigns')} pages={pages} rowKey={(row) => row.id} empty={<Empty title={t('debt.noCampaigns')}>{t('debt.noCampaignsText')}</Empty>}
          columns={[
            { key: 'name', head: t('debt.name'), cell: (row) => <div><b>{language === 'kk' ? row.nameKk : row.nameRu}</b><Text size="xs" c="dimmed">{[...row.sectors.map((one) => t(`enum.Sector.${one}`)), ...row.groups.map((one) => t(`enum.ConsumerGroup.${one}`))].join(', ') || t('common.all')}</Text></div> },
            { key: 'state', head: t('common.state'), cell: (row) => <Chip tone={toneOf(row.state)}>{t(`enum.CampaignState.${row.state}`)}</Chip> },
            { key: 'debt', head: t('debt.debtOf'), cell: (row) => `${format.period(row.debtFrom)} – ${format.period(row.debtTo)}` },
            { key: 'days', head: t('debt.days'), cell: (row) => <span className="tab">{format.shortDate(row.startsOn)} – {format.shortDate(row.payBy)}</span> },
            { key: 'percent', head: t('debt.percent'), numeric: true, cell: (row) => `${format.decimal(row.percent)} %` },
            { key: 'who', head: t('debt.who'), cell: (row) => <div>{actor(row.proposedBy)}<Text size="xs" c="dimmed">{row.decidedBy && actor(row.decidedBy)}</Text></div> },
            {
              key: 'acts', head: '',
              cell: (row) => (
                <Stack gap={6} align="flex-start">
                  <DialogButton label={row.state === 'PROPOSED' ? t('debt.forecast') : t('debt.results')} buttonSize="compact-sm" size="xl">{() => <FiguresOf row={row} />}</DialogButton>
                  <Acts row={row} done={pages.refresh} />
                </Stack>
              ),
            },
          ]}
        />
      </Section>
    </>
  )
}

function Acts({ row, done }: { row: Campaign; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const today = useToday()
  const viewer = useViewer()
  const starting = useAct(decide)
  const declining = useAct(decide)
  const ending = useAct(end)
  if (!can('DEBT_DECIDE')) return null
  if (row.state === 'STARTED' && row.payBy < today) return <AskButton act={ending} input={{ id: row.id }} label={t('debt.end')} text={t('debt.endText')} said={t('debt.ended')} done={done} danger />
  // Who proposed it never starts it.
  if (row.state !== 'PROPOSED' || row.proposedBy === viewer.login) return null
  return (
    <>
      <AskButton act={starting} input={{ id: row.id, agreed: true }} label={t('debt.start')} text={t('debt.startText', { date: format.date(row.payBy) })} said={t('debt.started')} done={done} />
      <AskButton act={declining} input={{ id: row.id, agreed: false }} label={t('debt.decline')} text={t('debt.declineText')} said={t('debt.declined')} done={done} danger />
    </>
  )
}

/** Before the start: what is at stake and what is expected. After it: what became of it. */
function FiguresOf({ row }: { row: Campaign }) {
  const t = useT()
  const format = useFormat()
  const { language } = useLanguage()
  const [takeUp, setTakeUp] = useState(30)
  const before = row.state === 'PROPOSED'
  const [result, refetch] = useQuery({ query: oneQuery, variables: { id: row.id, takeUp, before }, requestPolicy: 'cache-and-network' })
  return (
    <Stack>
      {before && (
        <NativeSelect
          label={t('debt.takeUp')} value={String(takeUp)} onChange={(event) => setTakeUp(Number(event.currentTarget.value))} w={220}
          data={[10, 20, 30, 50, 70, 100].map((value) => ({ value: String(value), label: `${value} %` }))}
        />
      )}
      <Answer result={result} retry={() => refetch({ requestPolicy: 'network-only' })}>
        {({ campaign }) => (
          <>
            {row.byApplication && !before && <Text size="sm" c="dimmed">{t('debt.applyWhere')}</Text>}
            {campaign?.forecast && campaign.forecast.length > 0 && <Bars title={t('debt.forecast')} rows={campaign.forecast} series={[[t('debt.expectedPaid'), (one) => one.expectedPaid], [t('debt.expectedGiven'), (one) => one.expectedGiven]]} />}
            {campaign?.outcome && campaign.outcome.length > 0 && <Bars title={t('debt.results')} rows={campaign.outcome} series={[[t('debt.owed'), (one) => one.debt], [t('debt.given'), (one) => one.given]]} />}
            {campaign?.forecast && (
              <DataTable
                caption={t('debt.forecast')} rows={campaign.forecast} rowKey={(one) => `${one.district.id} ${one.sector}`} empty={<Empty title={t('debt.nobody')}>{t('debt.nobodyText')}</Empty>}
                columns={[
                  { key: 'district', head: t('subscribers.district'), cell: (one) => <div>{one.district.name[language]}<Text size="xs" c="dimmed">{one.sector ? t(`enum.Sector.${one.sector}`) : ''}</Text></div> },
                  { key: 'accounts', head: t('debt.accounts'), numeric: true, cell: (one) => format.count(one.accounts), total: format.count(campaign.forecast!.reduce((sum, one) => sum + one.accounts, 0)) },
                  { key: 'debt', head: t('debt.owed'), numeric: true, cell: (one) => format.money(one.debt), total: format.money(addUp(campaign.forecast!.map((one) => one.debt))) },
                  { key: 'penalty', head: t('debt.penalty'), numeric: true, cell: (one) => format.money(one.penalty), total: format.money(addUp(campaign.forecast!.map((one) => one.penalty))) },
                  { key: 'paid', head: t('debt.expectedPaid'), numeric: true, cell: (one) => <b>{format.money(one.expectedPaid)}</b>, total: format.money(addUp(campaign.forecast!.map((one) => one.expectedPaid))) },
                  { key: 'given', head: t('debt.expectedGiven'), numeric: true, cell: (one) => <b>{format.money(one.expectedGiven)}</b>, total: format.money(addUp(campaign.forecast!.map((one) => one.expectedGiven))) },
                ]}
              />
            )}
            {campaign?.outcome && (
              <DataTable
                caption={t('debt.results')} rows={campaign.outcome} rowKey={(one) => `${one.district.id} ${one.sector}`} empty={<Empty title={t('debt.nobody')}>{t('debt.nobodyText')}</Empty>}
                columns={[
                  { key: 'district', head: t('subscribers.district'), cell: (one) => <div>{one.district.name[language]}<Text size="xs" c="dimmed">{one.sector ? t(`enum.Sector.${one.sector}`) : ''}</Text></div> },
                  { key: 'accounts', head: t('debt.accounts'), numeric: true, cell: (one) => format.count(one.accounts), total: format.count(campaign.outcome!.reduce((sum, one) => sum + one.accounts, 0)) },
                  { key: 'debt', head: t('debt.owed'), numeric: true, cell: (one) => format.money(one.debt), total: format.money(addUp(campaign.outcome!.map((one) => one.debt))) },
                  { key: 'applied', head: t('debt.applied'), numeric: true, cell: (one) => format.count(one.applied), total: format.count(campaign.outcome!.reduce((sum, one) => sum + one.applied, 0)) },
                  { key: 'fulfilled', head: t('debt.fulfilled'), numeric: true, cell: (one) => format.count(one.fulfilled), total: format.count(campaign.outcome!.reduce((sum, one) => sum + one.fulfilled, 0)) },
                  { key: 'given', head: t('debt.given'), numeric: true, cell: (one) => <b>{format.money(one.given)}</b>, total: format.money(addUp(campaign.outcome!.map((one) => one.given))) },
                ]}
              />
            )}
          </>
        )}
      </Answer>
    </Stack>
  )
}

/** By district, all sectors of it together. */
function Bars<Row extends { district: { id: string; name: Record<Language, string> } }>({ title, rows, series }: { title: string; rows: readonly Row[]; series: readonly [string, (row: Row) => string][] }) {
  const t = useT()
  const { language } = useLanguage()
  const districts = [...new Map(rows.map((row) => [row.district.id, row.district.name[language]]))]
  return (
    <Chart
      title={title} corner={t('subscribers.district')} sideways height={50 + 34 * districts.length} labels={districts.map(([, name]) => name)} full={districts.map(([, name]) => name)}
      series={series.map(([name, of]) => ({ name, values: districts.map(([id]) => addUp(rows.filter((row) => row.district.id === id).map(of))) }))}
    />
  )
}

function ProposeForm({ close, done }: { close: () => void; done: () => void }) {
  const t = useT()
  const today = useToday()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(propose),
    start: {
      nameKk: '', nameRu: '', sectors: [] as readonly string[], groups: [] as readonly string[], debtFrom: monthsFrom(today.slice(0, 7), -12), debtTo: today.slice(0, 7), startsOn: today, payBy: '', percent: '100', byApplication: false, document: null as Picked | null,
    },
    input: (read, values) => {
      const input = {
        nameKk: read.text('nameKk'), nameRu: read.text('nameRu'), sectors: [...values.sectors] as Sector[], groups: [...values.groups] as ConsumerGroup[], debtFrom: read.text('debtFrom'), debtTo: read.text('debtTo'),
        startsOn: read.text('startsOn'), payBy: read.text('payBy'), percent: read.decimal('percent', 2), byApplication: values.byApplication, documentId: read.picked('document'),
      }
      if (input.debtTo < input.debtFrom) read.refuse('debtTo', t('common.endsBefore'))
      if (input.startsOn && input.payBy && input.payBy < input.startsOn) read.refuse('payBy', t('common.endsBefore'))
      return input
    },
    done: () => finish(t('debt.proposed')),
  })
  return (
    <FormView form={form} submit={t('debt.propose')} cancel={close}>
      <Text size="sm" c="dimmed">{t('debt.fourEyes')}</Text>
      <FieldRow>
        <TextField name="nameKk" label={t('debt.nameKk')} required />
        <TextField name="nameRu" label={t('debt.nameRu')} required />
      </FieldRow>
      <ChecksField name="sectors" label={t('common.sector')} hint={t('debt.allHint')} choices={sectors.map((value) => ({ value, label: t(`enum.Sector.${value}`) }))} />
      <ChecksField name="groups" label={t('tariffs.group')} hint={t('debt.allHint')} choices={groups.map((value) => ({ value, label: t(`enum.ConsumerGroup.${value}`) }))} />
      <FieldRow>
        <MonthField name="debtFrom" label={t('debt.debtFrom')} back={60} required />
        <MonthField name="debtTo" label={t('debt.debtTo')} back={60} required />
      </FieldRow>
      <FieldRow>
        <TextField name="startsOn" label={t('common.fromDay')} kind="date" required />
        <TextField name="payBy" label={t('debt.payBy')} kind="date" required />
      </FieldRow>
      <TextField name="percent" label={t('debt.percent')} mode="decimal" unit="%" required />
      <SwitchField name="byApplication" label={t('debt.byApplication')} />
      <DocumentField name="document" required />
    </FormView>
  )
}
