// One day of a channel: three columns, its files, and the rows that somebody has to decide on.
import { useEffect, useState } from 'react'
import { Button, Checkbox, Group, Paper, SimpleGrid, Stack, Text, TextInput, UnstyledButton } from '@mantine/core'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Answer, Chip, DataTable, Empty, Figures, IconBack, PagedTable, Problem, Refusals, Section, sign, useAct, useFormat, usePages } from '@aiscra/ui'
import { graphql, type MatchState, type ReconcileDayQuery, type RegistryRowsQuery, type RowDecision } from '../../../gql'
import { NotFound } from '../../../app/not-found'
import { useCan } from '../../../lib/can'
import { useCodes } from '../../../lib/codes'
import { useT } from '../../../lib/i18n'
import { useAgainWhile } from '../../../lib/poll'
import { addUp } from '../../../lib/sums'
import { Who } from '../../../lib/who'
import { useExport } from '../../platform/made'
import { Next } from './board'
import { AccountLink, DecideDialog, ReconcileHead, dayTone, fileTone, matchTone } from './parts'

const dayQuery = graphql(`
  query ReconcileDay($channel: ID!, $date: Date!) {
    reconcileDays(from: $date, to: $date, channelId: $channel) {
      channelId channel date state matching undecided due contactBy files
      ours { count sum } theirs { count sum } bank { count sum } fee difference bankDifference
    }
    registries(channelId: $channel, date: $date, first: 20) {
      nodes { id serial filename state error uploadedBy uploadedAt totals { count sum } counts { state decision count sum } job { id state done total } }
    }
  }
`)
const rowsQuery = graphql(`
  query RegistryRows($filter: RegistryRowFilter!, $after: String) {
    registryRows(filter: $filter, first: 50, after: $after) {
      nodes {
        registryId line externalId accountTyped amount paidAt paidOn service state decision note decidedBy ourAmount
        account { id number } ourAccount { id number } payment { id amount reversed }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`)
const matchMutation = graphql(`
  mutation RegistryMatch($input: RegistryMatchInput!) { registryMatch(input: $input) { registry { id state } errors { code field message } } }
`)
const decideMutation = graphql(`
  mutation RegistryDecide($input: RegistryDecideInput!) { registryDecide(input: $input) { registry { id } errors { code field message } } }
`)

type Day = ReconcileDayQuery['reconcileDays'][number]
type File = ReconcileDayQuery['registries']['nodes'][number]
type Row = RegistryRowsQuery['registryRows']['nodes'][number]
const route = getRouteApi('/reconciliation/days/$channel')
const order: MatchState[] = ['MISSING_OURS', 'MISSING_THEIRS', 'DIFF_SUM', 'DIFF_ACCOUNT', 'REVERSED', 'DUPLICATE', 'MATCHED']
const waits = (row: { state: MatchState; decision?: RowDecision | null | undefined }) => !row.decision && !['MATCHED', 'DUPLICATE', 'PENDING'].includes(row.state)
const decisionsFor = (state: MatchState): RowDecision[] => (state === 'MISSING_OURS' ? ['POSTED', 'SUSPENDED', 'EXPLAINED'] : ['EXPLAINED'])

export function ReconcileDayPage() {
  const { channel } = route.useParams()
  const { date = '' } = route.useSearch()
  const [result, refetch] = useQuery({ query: dayQuery, variables: { channel, date }, requestPolicy: 'cache-and-network' })
  const busy = Boolean(result.data?.registries.nodes.some((file) => file.state === 'MATCHING' || file.job?.state === 'RUNNING' || file.job?.state === 'QUEUED'))
  useAgainWhile(busy, refetch)
  return (
    <Answer result={result} retry={() => refetch({ requestPolicy: 'network-only' })} lines={8}>
      {(data) => data.reconcileDays[0]
        ? <DayView day={data.reconcileDays[0]} files={data.registries.nodes} busy={busy} again={() => refetch({ requestPolicy: 'network-only' })} />
        : <NotFound />}
    </Answer>
  )
}

function DayView({ day, files, busy, again }: { day: Day; files: readonly File[]; busy: boolean; again: () => void }) {
  const t = useT()
  const codes = useCodes()
  const format = useFormat()
  return (
    <>
      <Link className="row-link" to="/reconciliation"><Group gap={2} component="span" display="inline-flex"><IconBack size={15} />{t('recon.days')}</Group></Link>
      <ReconcileHead title={`${codes.channel(day.channel)} · ${format.date(day.date)}`} lead={<Next row={day} />}>
        <Chip tone={day.matching ? 'busy' : dayTone[day.state]}>{day.matching ? t('enum.RegistryState.MATCHING') : t(`enum.DayState.${day.state}`)}</Chip>
      </ReconcileHead>
      <Stack>
        <ThreeWays day={day} />
        <Files files={files} again={again} />
        <Rows day={day} files={files} busy={busy} again={again} />
      </Stack>
    </>
  )
}

function ThreeWays({ day }: { day: Day }) {
  const t = useT()
  const format = useFormat()
  const column = (title: string, sum: string | null, note: string, gap?: { label: string; value: string }) => (
    <Paper withBorder p="md" component="section" aria-label={title}>
      <Text size="sm" c="dimmed">{title}</Text>
      <Text fw={700} fz={24} className="tab">{sum === null ? '—' : format.money(sum)}</Text>
      <Text size="sm" c="dimmed">{note}</Text>
      {gap && (
        <Text size="sm" mt="xs" fw={600} {...(sign(gap.value) === 0 ? { c: 'var(--good)' } : { c: 'var(--bad)' })}>
          {sign(gap.value) === 0 ? t('recon.agrees') : `${gap.label}: ${format.money(gap.value)}`}
        </Text>
      )}
    </Paper>
  )
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }}>
      {column(t('recon.ours'), day.ours.sum, t('recon.payments', { count: day.ours.count }))}
      {day.files === 0
        ? column(t('recon.theirs'), null, t('recon.noFile'))
        : column(t('recon.theirs'), day.theirs.sum, t('recon.payments', { count: day.theirs.count }), { label: t('recon.difference'), value: day.difference })}
      {day.bank.count === 0
        ? column(t('recon.bank'), null, t('recon.noBank', { sum: format.money(addUp([day.theirs.sum, `-${day.fee}`])) }))
        : column(t('recon.bank'), day.bank.sum, t('recon.plusFee', { fee: format.money(day.fee) }), { label: t('recon.bankDifference'), value: day.bankDifference })}
    </SimpleGrid>
  )
}

function Files({ files, again }: { files: readonly File[]; again: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const act = useAct(matchMutation)
  return (
    <Section flush title={t('recon.files')}>
      <DataTable
        caption={t('recon.files')} rows={files} rowKey={(row) => row.id} empty={<Empty title={t('recon.noFile')} />}
        columns={[
          { key: 'serial', head: '№', numeric: true, width: 50, cell: (row) => row.serial },
          { key: 'name', head: t('imports.file'), cell: (row) => <div>{row.filename}<Text size="xs" c="dimmed"><Who by={row.uploadedBy} /> · {format.dateTime(row.uploadedAt)}</Text></div> },
          {
            key: 'state', head: t('common.state'),
            cell: (row) => <div><Chip tone={fileTone[row.state]}>{t(`enum.RegistryState.${row.state}`)}</Chip>{row.error && <Text size="xs" c="var(--bad)">{row.error}</Text>}</div>,
          },
          { key: 'rows', head: t('imports.rows'), numeric: true, cell: (row) => format.count(row.totals.count) },
          { key: 'sum', head: t('ledger.amount'), numeric: true, cell: (row) => format.money(row.totals.sum) },
          {
            key: 'acts', head: <span className="unseen">{t('common.acts')}</span>,
            cell: (row) => can('RECONCILE_WRITE') && (row.state === 'MATCHED' || row.state === 'FAILED') && (
              <Button size="compact-sm" variant="default" loading={act.busy} onClick={() => void act.run({ id: row.id }).then((done) => { if (done) again() })}>{t('recon.matchAgain')}</Button>
            ),
          },
        ]}
      />
      <Refusals errors={act.errors} />
      {act.broken && <Problem error={act.broken} />}
    </Section>
  )
}

/** Rows of the day by their states; what is chosen, or all of a state, is decided on at once. */
function Rows({ day, files, busy, again }: { day: Day; files: readonly File[]; busy: boolean; again: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const navigate = route.useNavigate()
  const { state, undecided, search } = route.useSearch()
  const wanted = { channelId: day.channelId, date: day.date, state: state ?? null, undecided: undecided ?? null, search: search ?? null }
  const pages = usePages(rowsQuery, { filter: wanted }, (data) => data.registryRows)
  const exporting = useExport({ registryRows: wanted })
  const act = useAct(decideMutation)
  const [chosen, setChosen] = useState<readonly Row[]>([])
  const [deciding, setDeciding] = useState<'chosen' | 'all' | null>(null)
  const key = (row: Row) => `${row.registryId} ${row.line}`
  const picked = (row: Row) => chosen.some((one) => key(one) === key(row))
  const toggle = (row: Row) => setChosen((now) => (picked(row) ? now.filter((one) => key(one) !== key(row)) : [...now, row]))
  const counts = files.filter((file) => file.state !== 'SUPERSEDED').flatMap((file) => file.counts.map((one) => ({ ...one, file: file.id })))
  const waiting = counts.filter((one) => one.state === state && waits(one))
  const set = (change: { state?: MatchState | undefined; undecided?: true | undefined; search?: string | undefined }) => {
    setChosen([])
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  }
  const refresh = () => { setChosen([]); again(); pages.refresh() }
  useEffect(() => {
    if (!busy) pages.refresh()
    // Rows are others once a comparison or a decision in bulk has ended.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [busy])
  const fileOfChosen = chosen[0]?.registryId
  const oneFile = chosen.every((row) => row.registryId === fileOfChosen)
  const states = [...new Set(chosen.map((row) => row.state))]
  const decisions = states.length === 1 ? decisionsFor(states[0]!) : (['EXPLAINED'] as const)
  const whole = waiting[0]
  return (
    <>
      <SimpleGrid cols={{ base: 2, sm: 4, lg: 8 }} spacing="sm">
        <Tile label={t('recon.toDecide')} count={day.undecided} on={Boolean(undecided)} press={() => set({ undecided: undecided ? undefined : true, state: undefined })} />
        {order.map((one) => {
          const of = counts.filter((row) => row.state === one)
          return (
            <Tile
              key={one} label={t(`enum.MatchState.${one}`)} count={of.reduce((sum, row) => sum + row.count, 0)} on={state === one}
              press={() => set({ state: state === one ? undefined : one, undecided: undefined })}
            />
          )
        })}
      </SimpleGrid>
      <Section
        flush title={t('recon.rows')}
        side={
          <>
            <TextInput size="xs" aria-label={t('recon.search')} placeholder={t('recon.search')} defaultValue={search ?? ''} onBlur={(event) => set({ search: event.currentTarget.value || undefined })} onKeyDown={(event) => event.key === 'Enter' && set({ search: event.currentTarget.value || undefined })} />
            {can('RECONCILE_WRITE') && chosen.length > 0 && (
              <Button size="xs" disabled={!oneFile} {...(oneFile ? {} : { title: t('recon.oneFile') })} onClick={() => setDeciding('chosen')}>{t('recon.decideOn', { count: chosen.length })}</Button>
            )}
            {can('RECONCILE_WRITE') && chosen.length === 0 && whole && (
              <Button size="xs" variant="default" onClick={() => setDeciding('all')}>{t('recon.decideAll', { count: whole.count })}</Button>
            )}
          </>
        }
      >
        <PagedTable
          caption={t('recon.rows')} pages={pages} rowKey={key} exporting={can('JOB_READ') ? exporting : undefined} remember="registry-rows"
          empty={<Empty title={t('recon.noRows')} />}
          columns={[
            ...(can('RECONCILE_WRITE') ? [{ key: 'pick', head: '', fixed: true, width: 40, cell: (row: Row) => waits(row) && <Checkbox aria-label={t('recon.choose', { number: row.externalId })} checked={picked(row)} onChange={() => toggle(row)} /> }] : []),
            { key: 'number', head: t('recon.number'), fixed: true, cell: (row) => <div className="tab">{row.externalId}<Text size="xs" c="dimmed">{row.line > 0 ? t('recon.line', { line: row.line }) : t('recon.onlyOurs')}</Text></div> },
            {
              key: 'state', head: t('common.state'),
              cell: (row) => (
                <div>
                  <Chip tone={matchTone[row.state]}>{t(`enum.MatchState.${row.state}`)}</Chip>
                  {row.decision && <Text size="xs">{t(`recon.decided.${row.decision}`)} · <Who by={row.decidedBy} /></Text>}
                  {row.note && <Text size="xs" c="dimmed">{row.note}</Text>}
                </div>
              ),
            },
            {
              key: 'account', head: t('recon.account'),
              cell: (row) => (
                <div>
                  {row.account ? <AccountLink number={row.account.number} /> : <span className="tab">{row.accountTyped || '—'}</span>}
                  {row.ourAccount && row.ourAccount.id !== row.account?.id && <Text size="xs" component="div">{t('recon.inJournal')} <AccountLink number={row.ourAccount.number} /></Text>}
                </div>
              ),
            },
            { key: 'when', head: t('recon.paidAt'), cell: (row) => <span className="tab">{row.paidAt ? format.dateTime(row.paidAt) : format.shortDate(row.paidOn)}</span> },
            { key: 'service', head: t('life.service'), cell: (row) => (row.service ? t(`enum.Service.${row.service}`) : '—') },
            {
              key: 'amount', head: t('ledger.amount'), numeric: true, fixed: true,
              cell: (row) => <div><b>{format.money(row.amount)}</b>{row.ourAmount && row.ourAmount !== row.amount && <Text size="xs" c="var(--bad)">{t('recon.inJournal')} {format.money(row.ourAmount)}</Text>}</div>,
            },
          ]}
        />
      </Section>
      <DecideDialog
        key={deciding ?? ''} opened={deciding !== null} count={deciding === 'all' ? whole?.count ?? 0 : chosen.length} act={act}
        decisions={deciding === 'all' && state ? decisionsFor(state) : decisions} close={() => setDeciding(null)} done={refresh}
        input={(decision, note) => deciding === 'all'
          ? { id: whole!.file, rows: { all: state! }, decision, note }
          : { id: fileOfChosen!, rows: { lines: chosen.map((row) => row.line) }, decision, note }}
      />
      {state && waiting.length > 0 && <Figures rows={[{ label: t('recon.waitingSum'), value: format.money(addUp(waiting.map((one) => one.sum))) }]} />}
    </>
  )
}

function Tile({ label, count, on, press }: { label: string; count: number; on: boolean; press: () => void }) {
  const format = useFormat()
  return (
    <UnstyledButton aria-pressed={on} onClick={press}>
      <Paper withBorder p="sm" h="100%" style={on ? { borderColor: 'var(--mark)', boxShadow: '0 0 0 1px var(--mark)' } : {}}>
        <Text size="xs" c="dimmed">{label}</Text>
        <Text fw={700} fz="xl" className="tab">{format.count(count)}</Text>
      </Paper>
    </UnstyledButton>
  )
}
