// The month of a sector reckoned before its run, writing no bill: sums beside last month's, what changed most, what stands in
// the way. Looked at first, then the run is started.
import { useState } from 'react'
import { Alert, Button, Group, Progress, SimpleGrid, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useQuery } from 'urql'
import {
  Answer, Chip, DataTable, Empty, Figures, Problem, Refusals, Section, sign, unsigned, useAct, useFormat, type Tone,
} from '@aiscra/ui'
import { graphql, type ChangeCause, type CityPreviewQuery, type RunPreviewExceptionKind, type RunPreviewStatus, type Sector } from '../../gql'
import { useCan } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { Failure } from '../../lib/failure'
import { useT } from '../../lib/i18n'
import { useAgainWhile } from '../../lib/poll'

const query = graphql(`
  query CityPreview($period: Period!, $sector: Sector!, $accounts: Boolean!) {
    runPreviews(period: $period, sector: $sector, first: 1) {
      nodes {
        id status accounts accountsDone billed excused failures lines net vat gross knownAt createdBy startedAt finishedAt error
        previousRun { id period gross }
        byService { service accounts volume gross previousVolume previousGross }
        byBasis { basis accounts volume gross previousVolume previousGross }
        largestChanges @include(if: $accounts) { account { id number address } gross previousGross difference causes }
        exceptions { kind code message accounts sample @include(if: $accounts) { id number } }
      }
    }
  }
`)
const startMutation = graphql(`
  mutation RunPreview($input: RunPreviewInput!) {
    runPreview(input: $input) { preview { id status } errors { code field message } }
  }
`)

type Preview = CityPreviewQuery['runPreviews']['nodes'][number]
type Total = Preview['byService'][number] | Preview['byBasis'][number]
const tone: Record<RunPreviewStatus, Tone> = { QUEUED: 'busy', RUNNING: 'busy', DONE: 'good', FAILED: 'bad', CANCELLED: 'plain' }
const weight: Record<RunPreviewExceptionKind, Tone> = { BLOCKS_RUN: 'bad', NOT_CHARGED: 'bad', UNDECIDED: 'warn', CHARGED_BEFORE: 'warn', NO_VOLUME: 'warn', EXCUSED: 'plain' }
const atWork = (preview: Preview | undefined) => preview?.status === 'QUEUED' || preview?.status === 'RUNNING'

export function CityPreview({ period, sector }: { period: string; sector: Sector }) {
  const t = useT()
  const format = useFormat()
  const codes = useCodes()
  const can = useCan()
  const start = useAct(startMutation)
  const [result, refetch] = useQuery({ query, variables: { period, sector, accounts: can('ACCOUNT_READ') } })
  const preview = result.data?.runPreviews.nodes[0]
  const live = atWork(preview)
  useAgainWhile(live, refetch)
  const begin = async () => {
    await start.run({ period, sector })
    refetch({ requestPolicy: 'network-only' })
  }
  return (
    <Section
      title={t('preview.title')}
      side={
        <>
          {preview && <Chip tone={tone[preview.status]}>{t(`enum.RunPreviewStatus.${preview.status}`)}</Chip>}
          {can('BILLING_RUN') && (
            <Button variant="default" size="sm" loading={start.busy || live} onClick={() => void begin()}>{preview ? t('preview.again') : t('preview.start')}</Button>
          )}
        </>
      }
    >
      <Stack gap="md">
        <Refusals errors={start.errors} />
        {start.broken && <Problem error={start.broken} />}
        <Answer result={result} retry={() => refetch({ requestPolicy: 'network-only' })}>
          {() => !preview ? <Text size="sm" c="dimmed">{t('preview.none')}</Text>
            : live ? <Live preview={preview} />
            : preview.status === 'DONE' ? <Done preview={preview} />
            : preview.error ? <Failure error={preview.error} /> : null}
        </Answer>
        {preview && !live && (
          <Text size="xs" c="dimmed">{t('preview.known', { moment: format.dateTime(preview.knownAt), who: codes.actor(preview.createdBy) })}</Text>
        )}
      </Stack>
    </Section>
  )
}

function Live({ preview }: { preview: Preview }) {
  const t = useT()
  const format = useFormat()
  return (
    <div role="status" aria-live="polite">
      <Group justify="space-between" mb={6}>
        <Text size="sm">{t('preview.running')}</Text>
        <Text size="sm" className="tab">{t('common.of', { done: format.count(preview.accountsDone), total: format.count(preview.accounts) })}</Text>
      </Group>
      <Progress value={preview.accounts ? (100 * preview.accountsDone) / preview.accounts : 0} animated size="lg" aria-label={t('preview.running')} />
    </div>
  )
}

/** "+12,4 %" against the month before; nothing where that month was not run. */
function useChange() {
  const format = useFormat()
  return (now: string, before: string | null | undefined): string | null => {
    if (before == null || sign(before) === 0) return null
    const share = Number(now) / Number(before) - 1
    return `${share >= 0 ? '+' : '\u2212'}${format.percent(Math.abs(share).toFixed(4))}`
  }
}

function Done({ preview }: { preview: Preview }) {
  const t = useT()
  const format = useFormat()
  const change = useChange()
  const difference = useChange()(preview.gross, preview.previousRun?.gross)
  return (
    <>
      <Figures
        large
        rows={[
          { label: t('billing.gross'), value: format.money(preview.gross), note: difference ? t('preview.against', { change: difference, period: format.period(preview.previousRun!.period) }) : t('preview.noBefore') },
          { label: t('preview.billed'), value: format.count(preview.billed), note: t('preview.ofAccounts', { total: format.count(preview.accounts) }) },
          { label: t('preview.excused'), value: format.count(preview.excused) },
          { label: t('preview.failures'), value: <span style={preview.failures ? { color: 'var(--bad)' } : {}}>{format.count(preview.failures)}</span> },
        ]}
      />
      <SimpleGrid cols={{ base: 1, xl: 2 }} spacing="xl" style={{ alignItems: 'start' }}>
        <Totals head={t('billing.service')} rows={preview.byService} name={(row) => ('service' in row && row.service ? t(`enum.Service.${row.service}`) : '—')} change={change} />
        <Totals head={t('billing.basis')} rows={preview.byBasis} name={(row) => ('basis' in row && row.basis ? t(`enum.Basis.${row.basis}`) : '—')} change={change} />
      </SimpleGrid>
      <Exceptions rows={preview.exceptions} />
      {preview.largestChanges && <Changes rows={preview.largestChanges} />}
    </>
  )
}

function Totals({ head, rows, name, change }: {
  head: string
  rows: readonly Total[]
  name: (row: Total) => string
  change: ReturnType<typeof useChange>
}) {
  const t = useT()
  const format = useFormat()
  return (
    <DataTable
      caption={head} rows={rows} rowKey={name} empty={null}
      columns={[
        { key: 'name', head, cell: (row) => <div>{name(row)}<Text size="xs" c="dimmed">{t('preview.accounts', { count: row.accounts })}</Text></div> },
        { key: 'volume', head: t('billing.volume'), numeric: true, cell: (row) => format.volume(row.volume) },
        {
          key: 'gross', head: t('billing.gross'), numeric: true,
          cell: (row) => <div><b>{format.money(row.gross)}</b>{row.previousGross != null && <Text size="xs" c="dimmed">{t('preview.was', { sum: format.money(row.previousGross) })}</Text>}</div>,
        },
        { key: 'change', head: t('preview.change'), numeric: true, cell: (row) => change(row.gross, row.previousGross) ?? '—' },
      ]}
    />
  )
}

function Exceptions({ rows }: { rows: Preview['exceptions'] }) {
  const t = useT()
  const format = useFormat()
  const blocking = rows.some((row) => row.kind === 'BLOCKS_RUN')
  return (
    <div role="group" aria-label={t('preview.exceptions')}>
      <Text component="h3" fw={600} fz="sm" m={0} mb={6}>{t('preview.exceptions')}</Text>
      {rows.length === 0 && <Text size="sm" c="dimmed">{t('preview.noExceptions')}</Text>}
      {blocking && <Alert color="red" mb="sm">{t('preview.blocked')}</Alert>}
      <Stack gap={8} component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
        {rows.map((row) => (
          <li key={`${row.kind}${row.code}`}>
            <Group gap="sm" wrap="nowrap" align="flex-start">
              <Chip tone={weight[row.kind]}>{t(`enum.RunPreviewExceptionKind.${row.kind}`)}</Chip>
              <Text size="sm" component="div">
                {row.message}{row.accounts > 0 && <b> {t('preview.accounts', { count: row.accounts })}</b>}
                {row.sample && row.sample.length > 0 && <Samples accounts={row.sample} more={row.accounts - row.sample.length} count={format.count} />}
              </Text>
            </Group>
          </li>
        ))}
      </Stack>
    </div>
  )
}

const few = 6
function Samples({ accounts, more, count }: { accounts: readonly { id: string; number: string }[]; more: number; count: (value: number) => string }) {
  const t = useT()
  const [all, setAll] = useState(false)
  const shown = all ? accounts : accounts.slice(0, few)
  const hidden = accounts.length - shown.length
  return (
    <Text span size="sm" display="block">
      {shown.map((one) => (
        <Link key={one.id} className="row-link tab" style={{ marginRight: 10 }} to="/accounts/$number/preview" params={{ number: one.number }}>{one.number}</Link>
      ))}
      {hidden > 0 && <Button size="compact-xs" variant="subtle" onClick={() => setAll(true)}>{t('preview.moreHere', { count: count(hidden) })}</Button>}
      {hidden === 0 && more > 0 && t('preview.moreElsewhere', { count: count(more) })}
    </Text>
  )
}

const largest = 7
function Changes({ rows }: { rows: NonNullable<Preview['largestChanges']> }) {
  const t = useT()
  const format = useFormat()
  const [all, setAll] = useState(false)
  const because = (causes: readonly ChangeCause[]) => causes.map((one) => t(`enum.ChangeCause.${one}`)).join(', ')
  return (
    <div role="group" aria-label={t('preview.changes')}>
      <Text component="h3" fw={600} fz="sm" m={0} mb={6}>{t('preview.changes')}</Text>
      <DataTable
        caption={t('preview.changes')} rows={all ? rows : rows.slice(0, largest)} rowKey={(row) => row.account.id} empty={<Empty title={t('preview.noChanges')} />}
        columns={[
          {
            key: 'account', head: t('subscribers.number'),
            cell: (row) => (
              <div>
                <Link className="row-link tab" to="/accounts/$number/preview" params={{ number: row.account.number }}>{row.account.number}</Link>
                <Text size="xs" c="dimmed">{row.account.address}</Text>
              </div>
            ),
          },
          { key: 'why', head: t('preview.why'), cell: (row) => because(row.causes) },
          { key: 'before', head: t('preview.before'), numeric: true, cell: (row) => format.money(row.previousGross) },
          { key: 'now', head: t('preview.now'), numeric: true, cell: (row) => format.money(row.gross) },
          {
            key: 'difference', head: t('preview.difference'), numeric: true,
            cell: (row) => <b>{sign(row.difference) > 0 ? '+' : '\u2212'}{format.money(unsigned(row.difference))}</b>,
          },
        ]}
      />
      {!all && rows.length > largest && (
        <Button mt="xs" size="compact-sm" variant="subtle" onClick={() => setAll(true)}>{t('preview.moreHere', { count: format.count(rows.length - largest) })}</Button>
      )}
    </div>
  )
}
