// The auditor's reports of a month: live while it is open, frozen once it is closed.
import { Group, NativeSelect, SegmentedControl, Stack, Text } from '@mantine/core'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Answer, Chip, DataTable, DialogButton, Empty, FormView, IconBack, PageHead, Section, TextField, useAct, useFinish, useForm, useFormat, type Picked } from '@aiscra/ui'
import { graphql, type CloseReportCode, type CloseReportQuery, type Sector } from '../../gql'
import { useCan, useViewer } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { addUp } from '../../lib/sums'
import { DocumentField } from '../archive/document-field'
import { useExport } from '../platform/made'

const query = graphql(`
  query CloseReport($period: Period!, $sector: Sector!, $code: CloseReportCode!) {
    period(period: $period, sector: $sector) {
      id status
      report(code: $code) { code name frozenAt hash version columns { code name kind } rows }
    }
  }
`)
const periodsQuery = graphql(`
  query ReportPeriods { periods(first: 100) { nodes { id period sector status } } }
`)
const waterMutation = graphql(`
  mutation WaterProducedRecord($input: WaterProducedRecordInput!) {
    waterProducedRecord(input: $input) { produced { period volume } errors { code field message } }
  }
`)

const codes: CloseReportCode[] = ['ROLL_FORWARD', 'LEDGERS', 'VAT', 'WATER', 'ACCOUNTS', 'CLEARING', 'CASH_DAYS', 'NUMBERS', 'MANUAL', 'CHANGES', 'AGEING']
/** Reports whose rows share nothing, so that they add up; the rows of the others overlap or say their own totals. */
const summed: readonly CloseReportCode[] = ['ROLL_FORWARD']
const allSectors: Sector[] = ['MULTI', 'PRIVATE', 'LEGAL']
const route = getRouteApi('/periods/reports')
type Report = NonNullable<CloseReportQuery['period']>['report']

export function CloseReports() {
  const t = useT()
  const format = useFormat()
  const viewer = useViewer()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const [list] = useQuery({ query: periodsQuery })
  const sectors = viewer.sectors.length ? allSectors.filter((one) => viewer.sectors.includes(one)) : allSectors
  const sector = search.sector ?? sectors[0]!
  const code = search.report ?? 'ROLL_FORWARD'
  const months = [...new Set((list.data?.periods.nodes ?? []).filter((one) => one.sector === sector).map((one) => one.period))].toSorted().toReversed()
  const period = search.period ?? months[0]
  const go = (more: Partial<typeof search>) => void navigate({ search: (now) => ({ ...now, ...more }), replace: true })
  return (
    <>
      <Link className="row-link" to="/periods" search={period ? { period, sector } : {}}>
        <Group gap={2} component="span" display="inline-flex"><IconBack size={15} />{t('nav.periods')}</Group>
      </Link>
      <PageHead title={t('reports.title')} lead={t('reports.lead')}>
        <NativeSelect aria-label={t('common.period')} value={period ?? ''} onChange={(event) => go({ period: event.currentTarget.value })} data={months.map((value) => ({ value, label: format.period(value) }))} />
        <SegmentedControl
          aria-label={t('common.sector')} value={sector} style={{ maxWidth: '100%', overflowX: 'auto' }}
          onChange={(value) => go({ sector: value as Sector })} data={sectors.map((value) => ({ value, label: t(`enum.Sector.${value}`) }))}
        />
      </PageHead>
      <Stack>
        <NativeSelect label={t('reports.which')} value={code} onChange={(event) => go({ report: event.currentTarget.value as CloseReportCode })} data={codes.map((value) => ({ value, label: t(`enum.CloseReportCode.${value}`) }))} maw={520} />
        <Answer result={list}>
          {() => period ? <One key={`${period}${sector}${code}`} period={period} sector={sector} code={code} /> : <Empty title={t('ledger.noPeriods')} />}
        </Answer>
      </Stack>
    </>
  )
}

function One({ period, sector, code }: { period: string; sector: Sector; code: CloseReportCode }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const viewer = useViewer()
  const [result, refetch] = useQuery({ query, variables: { period, sector, code }, requestPolicy: 'cache-and-network' })
  const exporting = useExport({ closeReport: { report: code, period, sector } })
  return (
    <Answer result={result} retry={() => refetch({ requestPolicy: 'network-only' })} lines={6}>
      {(data) => !data.period ? <Empty title={t('ledger.noPeriods')} /> : (
        <Section
          flush title={data.period.report.name}
          side={data.period.report.frozenAt
            ? <Chip tone="good">{t('reports.frozen', { moment: format.dateTime(data.period.report.frozenAt) })}</Chip>
            : (
              <Group gap="xs">
                <Chip tone="warn">{t('reports.live')}</Chip>
                {/* What the pumping stations gave is of no sector: only those who see all of them record it. */}
                {code === 'WATER' && can('PERIOD_CLOSE') && viewer.sectors.length === 0 && viewer.districts.length === 0 && (
                  <DialogButton label={t('reports.water')} buttonSize="xs">
                    {(close) => <WaterForm period={period} close={close} done={() => refetch({ requestPolicy: 'network-only' })} />}
                  </DialogButton>
                )}
              </Group>
            )}
        >
          <Rows report={data.period.report} exporting={exporting} />
          {data.period.report.hash && <Text size="xs" c="dimmed" p="md" style={{ overflowWrap: 'anywhere' }}>{t('reports.hash', { hash: data.period.report.hash })}</Text>}
        </Section>
      )}
    </Answer>
  )
}

function WaterForm({ period, close, done }: { period: string; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(waterMutation),
    start: { volume: '', document: null as Picked | null },
    input: (read) => ({ period, volume: read.decimal('volume', 3), documentId: read.picked('document') }),
    done: () => finish(t('reports.waterDone')),
  })
  return (
    <FormView form={form} submit={t('common.save')} cancel={close}>
      <Text size="sm" c="dimmed">{t('reports.waterText')}</Text>
      <TextField name="volume" label={t('reports.waterVolume')} mode="decimal" required />
      <DocumentField name="document" required />
    </FormView>
  )
}

function Rows({ report, exporting }: { report: Report; exporting: ReturnType<typeof useExport> }) {
  const t = useT()
  const format = useFormat()
  const rows = report.rows.map((cells, at) => ({ cells, at }))
  const shown = (kind: Report['columns'][number]['kind'], value: string) => {
    if (value === '') return '—'
    switch (kind) {
      case 'MONEY': return format.amount(value)
      case 'VOLUME': return format.volume(value)
      case 'COUNT': return format.count(Number(value))
      case 'RATE': return format.percent(value)
      default: return /^\d{4}-\d{2}$/.test(value) ? format.period(value) : /^\d{4}-\d{2}-\d{2}$/.test(value) ? format.shortDate(value) : value
    }
  }
  return (
    <DataTable
      caption={report.name} rows={rows} rowKey={(row) => String(row.at)} empty={<Empty title={t('reports.none')} />} exporting={exporting}
      columns={report.columns.map((column, at) => ({
        key: column.code, head: column.name.replace(', ', ',\u00a0'), numeric: column.kind !== 'TEXT' && column.kind !== 'WORD', cell: (row: (typeof rows)[number]) => shown(column.kind, row.cells[at] ?? ''),
        ...(summed.includes(report.code) && column.kind === 'MONEY' ? { total: format.amount(addUp(report.rows.map((cells) => cells[at] || '0.00'))) } : {}),
      }))}
    />
  )
}
