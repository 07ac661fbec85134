// One correction: what it changes before it is saved — totals both ways, by district and sector, the largest changes with what was
// and what becomes, who is left out and why — and the acts on it.
import { useState, type ReactNode } from 'react'
import { Alert, Button, Group, Paper, Progress, Stack, Text } from '@mantine/core'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useQuery } from 'urql'
import {
  Answer, Chip, Confirm, DataTable, DialogButton, Empty, Figures, FormView, IconBack, PageHead, PagedTable, Problem, Refusals, Section, newKey, sign, unsigned, useAct, useFinish, useForm, useFormat, useLanguage, usePages, type Picked,
} from '@aiscra/ui'
import { graphql, type ChangeCause, type CorrectionOutcome, type CorrectionQuery, type CorrectionRowsQuery } from '../../gql'
import { NotFound } from '../../app/not-found'
import { useCan, useViewer } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { Failure } from '../../lib/failure'
import { useT } from '../../lib/i18n'
import { useAgainWhile } from '../../lib/poll'
import { paperNumber } from '../../lib/paper'
import { DocumentField } from '../archive/document-field'
import { useExport } from '../platform/made'
import { correctionTone } from './corrections'
import { EqualityMark, ExplainedLines } from './lines'

const query = graphql(`
  query Correction($id: ID!, $documents: Boolean!) {
    correction(id: $id) {
      id number state reason from to stages stagesDone knownAt accounts accountsDone changed unchanged skipped bills invoices entries
      owedMore owedLess net vat gross hash staff second createdBy createdAt askedBy confirmedBy postedAt reversedBy reversedAt error
      document @include(if: $documents) { id number issuedOn issuer subject }
      totals { district { id name { kk ru en } } sector accounts bills owedMore owedLess }
    }
  }
`)
const rowsQuery = graphql(`
  query CorrectionRows($id: ID!, $outcome: CorrectionOutcome, $after: String) {
    correction(id: $id) {
      id
      rows(outcome: $outcome, first: 20, after: $after) {
        nodes {
          account { id number address } outcome skip detail staff bills before after gross causes
          lines { period side line { service basis from to volume price vatRate residents net vat gross } }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`)
const monthQuery = graphql(`
  query CorrectionMonth($id: ID!, $account: ID!, $period: Period!) {
    correction(id: $id) {
      id
      month(account: $account, period: $period) {
        explanation {
          equal recalculated
          lines {
            equal
            line { service component basis from to volume price coefficient vatRate net vat gross }
            tree { ...CorrectionStep children { ...CorrectionStep children { ...CorrectionStep children { ...CorrectionStep children { ...CorrectionStep children { ...CorrectionStep children { ...CorrectionStep children { ...CorrectionStep } } } } } } } }
          }
        }
      }
    }
  }
  fragment CorrectionStep on ExplainNode { kind label value unit source }
`)
const postMutation = graphql(`
  mutation CorrectionPost($input: CorrectionPostInput!) { correctionPost(input: $input) { correction { id state second } errors { code field message } } }
`)
const confirmMutation = graphql(`
  mutation CorrectionConfirm($input: CorrectionPostInput!) { correctionConfirm(input: $input) { correction { id state } errors { code field message } } }
`)
const reverseMutation = graphql(`
  mutation CorrectionReverse($input: CorrectionReverseInput!) { correctionReverse(input: $input) { correction { id state } errors { code field message } } }
`)
const stageMutation = graphql(`
  mutation CorrectionStage($input: CorrectionInput!) { correctionStage(input: $input) { correction { id state } errors { code field message } } }
`)
const withdrawMutation = graphql(`
  mutation CorrectionWithdraw($input: CorrectionInput!) { correctionWithdraw(input: $input) { correction { id state } errors { code field message } } }
`)

type Batch = NonNullable<CorrectionQuery['correction']>
const route = getRouteApi('/corrections/$id')
const atWork = (batch: Batch | null | undefined) => !!batch && ['RECKONING', 'POSTING', 'REVERSING'].includes(batch.state)

export function CorrectionPage() {
  const t = useT()
  const can = useCan()
  const { id } = route.useParams()
  const [result, refetch] = useQuery({ query, variables: { id, documents: can('DOCUMENT_READ') } })
  const again = () => refetch({ requestPolicy: 'network-only' })
  const live = atWork(result.data?.correction)
  useAgainWhile(live, refetch)
  return (
    <Answer result={result} retry={again} lines={8}>
      {({ correction }) =>
        !correction ? <NotFound /> : (
          <>
            <Link className="row-link" to="/corrections"><Group gap={2} component="span" display="inline-flex"><IconBack size={15} />{t('nav.corrections')}</Group></Link>
            <PageHead title={t('corrections.title', { number: correction.number })} lead={correction.reason}>
              <Chip tone={correctionTone[correction.state]}>{t(`enum.CorrectionState.${correction.state}`)}</Chip>
              <Acts batch={correction} done={again} />
            </PageHead>
            <Stack>
              <About batch={correction} />
              {live ? <Live batch={correction} /> : <Blast batch={correction} />}
              {correction.state !== 'RECKONING' && <Rows key={correction.state} id={correction.id} skipped={correction.skipped} />}
            </Stack>
          </>
        )
      }
    </Answer>
  )
}

function About({ batch }: { batch: Batch }) {
  const t = useT()
  const format = useFormat()
  const codes = useCodes()
  const months = batch.from === batch.to ? format.period(batch.from) : `${format.period(batch.from)} – ${format.period(batch.to)}`
  return (
    <Paper withBorder p="lg">
      <Stack gap="sm">
        {batch.error && <Failure error={batch.error} />}
        {batch.state === 'STALE' && <Alert color="red" role="alert">{t('corrections.stale')}</Alert>}
        {batch.state === 'WAITING' && (
          <Alert color="yellow">{t('corrections.waits', { why: batch.second.map((one) => t(`enum.SecondPersonReason.${one}`)).join(', ') })}</Alert>
        )}
        <Figures
          rows={[
            { label: t('corrections.months'), value: months },
            ...(batch.document ? [{ label: t('archive.document'), value: t('archive.line', { number: paperNumber(batch.document.number), date: format.shortDate(batch.document.issuedOn), subject: batch.document.subject }) }] : []),
            { label: t('corrections.createdBy'), value: `${codes.actor(batch.createdBy)}, ${format.dateTime(batch.createdAt)}` },
            ...(batch.confirmedBy ? [{ label: t('corrections.confirmedBy'), value: codes.actor(batch.confirmedBy) }] : []),
            ...(batch.postedAt ? [{ label: t('corrections.postedAt'), value: format.dateTime(batch.postedAt) }] : []),
            ...(batch.reversedBy ? [{ label: t('corrections.reversedBy'), value: codes.actor(batch.reversedBy), note: batch.reversedAt ? format.dateTime(batch.reversedAt) : null }] : []),
            ...(batch.stages > 1 ? [{ label: t('corrections.stages'), value: t('common.of', { done: format.count(batch.stagesDone), total: format.count(batch.stages) }) }] : []),
          ]}
        />
        {batch.hash && <Text size="xs" c="dimmed">{t('billing.hash')} <span style={{ fontFamily: 'monospace', overflowWrap: 'anywhere' }}>{batch.hash}</span></Text>}
      </Stack>
    </Paper>
  )
}

function Live({ batch }: { batch: Batch }) {
  const t = useT()
  const format = useFormat()
  return (
    <Paper withBorder p="lg" role="status" aria-live="polite">
      <Group justify="space-between" mb={6}>
        <Text size="sm">{t(`enum.CorrectionState.${batch.state}`)}</Text>
        <Text size="sm" className="tab">{t('common.of', { done: format.count(batch.accountsDone), total: format.count(batch.accounts) })}</Text>
      </Group>
      <Progress value={batch.accounts ? (100 * batch.accountsDone) / batch.accounts : 0} animated size="lg" aria-label={t(`enum.CorrectionState.${batch.state}`)} />
    </Paper>
  )
}

/** What would change: how many, how much, where. */
function Blast({ batch }: { batch: Batch }) {
  const t = useT()
  const { language } = useLanguage()
  const format = useFormat()
  const most = Math.max(1, ...batch.totals.map((row) => Math.max(Number(row.owedMore), Number(row.owedLess))))
  const bar = (sum: string, colour: string) => <div aria-hidden style={{ height: 6, borderRadius: 3, background: colour, width: `${Math.max(1, (100 * Number(sum)) / most)}%` }} />
  return (
    <Section title={t(['POSTED', 'REVERSED'].includes(batch.state) ? 'corrections.blastDone' : 'corrections.blast')}>
      <Stack gap="md">
        <Figures
          large
          rows={[
            { label: t('corrections.owedMore'), value: sign(batch.owedMore) === 0 ? '—' : `+${format.money(batch.owedMore)}` },
            { label: t('corrections.owedLess'), value: sign(batch.owedLess) === 0 ? '—' : `\u2212${format.money(batch.owedLess)}` },
            { label: t('corrections.changed'), value: format.count(batch.changed), note: t('preview.ofAccounts', { total: format.count(batch.accounts) }) },
            { label: t('corrections.bills'), value: format.count(batch.bills), note: batch.invoices ? t('corrections.invoices', { count: format.count(batch.invoices) }) : null },
            { label: t('corrections.entries'), value: format.count(batch.entries) },
            { label: t('corrections.skipped'), value: <span style={batch.skipped ? { color: 'var(--bad)' } : {}}>{format.count(batch.skipped)}</span> },
            ...(batch.staff ? [{ label: t('corrections.staff'), value: format.count(batch.staff) }] : []),
          ]}
        />
        <DataTable
          caption={t('corrections.where')} rows={batch.totals} rowKey={(row) => `${row.district.id}${row.sector}`} empty={<Empty title={t('corrections.nothing')} />}
          columns={[
            { key: 'where', head: t('corrections.where'), cell: (row) => <div>{row.district.name[language]}<Text size="xs" c="dimmed">{t(`enum.Sector.${row.sector}`)}</Text></div> },
            { key: 'accounts', head: t('billing.accounts'), numeric: true, cell: (row) => format.count(row.accounts), total: format.count(batch.totals.reduce((sum, row) => sum + row.accounts, 0)) },
            { key: 'bills', head: t('corrections.bills'), numeric: true, cell: (row) => format.count(row.bills), total: format.count(batch.totals.reduce((sum, row) => sum + row.bills, 0)) },
            { key: 'more', head: t('corrections.owedMore'), numeric: true, cell: (row) => sign(row.owedMore) === 0 ? '—' : <div>{format.money(row.owedMore)}{bar(row.owedMore, 'var(--warn)')}</div>, total: format.money(batch.owedMore) },
            { key: 'less', head: t('corrections.owedLess'), numeric: true, cell: (row) => sign(row.owedLess) === 0 ? '—' : <div>{format.money(row.owedLess)}{bar(row.owedLess, 'var(--good)')}</div>, total: format.money(batch.owedLess) },
          ]}
        />
      </Stack>
    </Section>
  )
}

type RowOf = NonNullable<CorrectionRowsQuery['correction']>['rows']['nodes'][number]

/** What an account's bill said and what it will say, line by line; each month opens into how its new lines came about. */
function Pairs({ id, row }: { id: string; row: RowOf }) {
  const t = useT()
  const format = useFormat()
  const [open, setOpen] = useState<string | null>(null)
  const months = [...new Set(row.lines.filter((one) => one.side === 'PLUS').map((one) => one.period))].toSorted()
  return (
    <Stack gap="md">
      <PairsTable row={row} />
      {months.length > 0 && (
        <Group gap="xs">
          {months.map((month) => (
            <Button key={month} size="compact-sm" variant="light" aria-expanded={open === month} onClick={() => setOpen(open === month ? null : month)}>
              {t('corrections.explain', { period: format.period(month) })}
            </Button>
          ))}
        </Group>
      )}
      {open && <Month key={open} id={id} account={row.account.id} period={open} />}
    </Stack>
  )
}

/** How the lines that a month is charged instead came about, reckoned again from what the correction kept. */
function Month({ id, account, period }: { id: string; account: string; period: string }) {
  const t = useT()
  const format = useFormat()
  const [result, refetch] = useQuery({ query: monthQuery, variables: { id, account, period } })
  return (
    <Answer result={result} retry={() => refetch({ requestPolicy: 'network-only' })} lines={6}>
      {({ correction }) => correction?.month && (
        <Stack gap="sm" role="group" aria-label={format.period(period)}>
          <Group gap="xs">
            <Text size="sm">{t('billing.recalculated')} <b className="tab">{format.money(correction.month.explanation.recalculated)}</b></Text>
            <EqualityMark equal={correction.month.explanation.equal} />
          </Group>
          <ExplainedLines lines={correction.month.explanation.lines} />
        </Stack>
      )}
    </Answer>
  )
}

function PairsTable({ row }: { row: RowOf }) {
  const t = useT()
  const format = useFormat()
  return (
    <DataTable
      caption={t('corrections.pairsOf', { number: row.account.number })} rows={row.lines} rowKey={(one) => `${one.period}${one.side}${one.line.service}${one.line.from}${one.line.gross}`} empty={null}
      columns={[
        { key: 'period', head: t('common.period'), cell: (one) => format.period(one.period) },
        { key: 'side', head: t('corrections.side'), cell: (one) => <Chip tone={one.side === 'MINUS' ? 'plain' : 'good'}>{t(`enum.Side.${one.side}`)}</Chip> },
        { key: 'service', head: t('billing.service'), cell: (one) => <div>{t(`enum.Service.${one.line.service}`)}<Text size="xs" c="dimmed">{t(`enum.Basis.${one.line.basis}`)}</Text></div> },
        { key: 'days', head: t('corrections.days'), cell: (one) => <span className="tab">{`${format.shortDate(one.line.from)} – ${format.shortDate(one.line.to)}`}</span> },
        { key: 'volume', head: t('billing.volume'), numeric: true, cell: (one) => format.volume(one.line.volume) },
        { key: 'price', head: t('billing.price'), numeric: true, cell: (one) => <div>{format.price(one.line.price)}<Text size="xs" c="dimmed">{format.percent(one.line.vatRate)}</Text></div> },
        { key: 'gross', head: t('billing.gross'), numeric: true, cell: (one) => `${one.side === 'MINUS' ? '\u2212' : '+'}${format.money(one.line.gross)}` },
      ]}
    />
  )
}

function Rows({ id, skipped }: { id: string; skipped: number }) {
  const t = useT()
  const format = useFormat()
  const [outcome, setOutcome] = useState<CorrectionOutcome | null>(null)
  const can = useCan()
  const pages = usePages(rowsQuery, { id, outcome }, (data) => data.correction?.rows)
  const exporting = useExport({ correction: { correction: id, outcome } })
  const because = (causes: readonly ChangeCause[]) => causes.map((one) => t(`enum.ChangeCause.${one}`)).join(', ')
  return (
    <Section
      title={t('corrections.rows')}
      side={skipped > 0 && (
        <Button size="compact-sm" variant="subtle" onClick={() => setOutcome(outcome ? null : 'SKIPPED')}>{outcome ? t('corrections.all') : t('corrections.onlySkipped')}</Button>
      )}
    >
      <PagedTable
        caption={t('corrections.rows')} pages={pages} rowKey={(row) => row.account.id} exporting={can('JOB_READ') ? exporting : undefined} empty={<Empty title={t('corrections.nothing')} />}
        columns={[
          { key: 'account', head: t('subscribers.number'), cell: (row) => <div><Link className="row-link tab" to="/accounts/$number" params={{ number: row.account.number }} search={{}}>{row.account.number}</Link><Text size="xs" c="dimmed">{row.account.address}</Text></div> },
          { key: 'outcome', head: t('common.state'), cell: (row) => <div>{t(`enum.CorrectionOutcome.${row.outcome}`)}{row.skip && <Text size="xs" c="dimmed">{t(`enum.CorrectionSkip.${row.skip}`)}{row.detail && ` (${row.detail})`}</Text>}{row.staff && <Text size="xs" c="dimmed">{t('enum.SecondPersonReason.STAFF')}</Text>}</div> },
          { key: 'why', head: t('preview.why'), cell: (row) => because(row.causes) },
          { key: 'before', head: t('corrections.before'), numeric: true, cell: (row) => row.lines.length > 0 ? format.money(row.before) : '—' },
          { key: 'after', head: t('corrections.after'), numeric: true, cell: (row) => row.lines.length > 0 ? format.money(row.after) : '—' },
          { key: 'gross', head: t('preview.difference'), numeric: true, cell: (row) => sign(row.gross) === 0 ? '—' : <b>{sign(row.gross) > 0 ? '+' : '\u2212'}{format.money(unsigned(row.gross))}</b> },
          { key: 'lines', head: t('corrections.pairs'), cell: (row) => row.lines.length > 0 && <DialogButton label={t('corrections.show')} title={t('corrections.pairsOf', { number: row.account.number })} buttonSize="compact-sm" size="80rem">{() => <Pairs id={id} row={row} />}</DialogButton> },
        ]}
      />
    </Section>
  )
}

/** What may be done with the batch where it stands. */
function Acts({ batch, done }: { batch: Batch; done: () => void }) {
  const t = useT()
  const can = useCan()
  const format = useFormat()
  const viewer = useViewer()
  const post = useAct(postMutation)
  const confirm = useAct(confirmMutation)
  const stage = useAct(stageMutation)
  const withdraw = useAct(withdrawMutation)
  const [key, setKey] = useState(newKey)
  const [asking, setAsking] = useState<'post' | 'confirm' | 'withdraw' | null>(null)
  const own = batch.createdBy === viewer.login || batch.askedBy === viewer.login
  const yes = async () => {
    const what = asking
    setAsking(null)
    const input = { id: batch.id, hash: batch.hash ?? '', idempotencyKey: key }
    if (what === 'post') await post.run(input)
    if (what === 'confirm') await confirm.run(input)
    if (what === 'withdraw') await withdraw.run({ id: batch.id })
    setKey(newKey())
    done()
  }
  const next = async () => {
    await stage.run({ id: batch.id })
    done()
  }
  const broken = post.broken ?? confirm.broken ?? stage.broken ?? withdraw.broken
  const open = ['RECKONING', 'PREVIEWED', 'WAITING', 'STALE'].includes(batch.state)
  const button = (label: ReactNode, act: () => void, filled = true) => <Button size="sm" variant={filled ? 'filled' : 'default'} loading={post.busy || confirm.busy || stage.busy} onClick={act}>{label}</Button>
  return (
    <>
      {open && can('CORRECTION_WRITE') && button(t('corrections.withdraw'), () => setAsking('withdraw'), false)}
      {batch.state === 'PREVIEWED' && batch.changed > 0 && can('CORRECTION_WRITE') && button(t('corrections.post'), () => setAsking('post'))}
      {batch.state === 'WAITING' && can('CORRECTION_CONFIRM') && !own && button(t('corrections.confirm'), () => setAsking('confirm'))}
      {batch.state === 'POSTED' && batch.stagesDone < batch.stages && can('CORRECTION_WRITE') && button(t('corrections.nextStage'), () => void next(), false)}
      {batch.state === 'POSTED' && can('CORRECTION_CONFIRM') && batch.createdBy !== viewer.login && (
        <DialogButton label={t('corrections.reverse')} title={t('corrections.reverseTitle', { number: batch.number })} variant="default">
          {(close) => <ReverseForm batch={batch} close={close} done={done} />}
        </DialogButton>
      )}
      <Refusals errors={[...post.errors, ...confirm.errors, ...stage.errors, ...withdraw.errors]} />
      {broken && <Problem error={broken} />}
      <Confirm
        opened={asking !== null} danger={asking === 'withdraw'} onYes={() => void yes()} onClose={() => setAsking(null)}
        title={t('corrections.title', { number: batch.number })}
        yes={asking === 'withdraw' ? t('corrections.withdraw') : asking === 'confirm' ? t('corrections.confirm') : t('corrections.post')}
      >
        <Text size="sm" mb="sm">{asking === 'withdraw' ? t('corrections.withdrawText') : t('corrections.postText')}</Text>
        <Figures
          rows={[
            { label: t('corrections.changed'), value: format.count(batch.changed) },
            { label: t('corrections.owedMore'), value: sign(batch.owedMore) === 0 ? '—' : `+${format.money(batch.owedMore)}` },
            { label: t('corrections.owedLess'), value: sign(batch.owedLess) === 0 ? '—' : `\u2212${format.money(batch.owedLess)}` },
          ]}
        />
      </Confirm>
    </>
  )
}

function ReverseForm({ batch, close, done }: { batch: Batch; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const [key] = useState(newKey)
  const form = useForm({
    act: useAct(reverseMutation),
    start: { documentId: null as Picked | null },
    input: (read) => ({ id: batch.id, documentId: read.picked('documentId'), idempotencyKey: key }),
    done: () => finish(t('corrections.reversing')),
  })
  return (
    <FormView form={form} submit={t('corrections.reverse')} cancel={close}>
      <Text size="sm">{t('corrections.reverseText')}</Text>
      <DocumentField name="documentId" required />
    </FormView>
  )
}
