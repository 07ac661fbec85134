// A bank statement: its balances, and what each line is.
import { useEffect, useState } from 'react'
import { Alert, Button, Checkbox, Group, Paper, SimpleGrid, Stack, Text, TextInput, UnstyledButton } from '@mantine/core'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useQuery } from 'urql'
import {
  Answer, Chip, ChoiceField, DialogButton, Empty, Figures, FormView, IconBack, PagedTable, Section, TextField, useAct, useFinish, useForm, useFormat, usePages, type Picked,
} from '@aiscra/ui'
import { graphql, type LineState, type RowDecision, type StatementLinesQuery, type StatementPageQuery } from '../../../gql'
import { NotFound } from '../../../app/not-found'
import { useCan } from '../../../lib/can'
import { useCodes } from '../../../lib/codes'
import { useT } from '../../../lib/i18n'
import { useAgainWhile } from '../../../lib/poll'
import { Who } from '../../../lib/who'
import { AccountField } from '../../subscribers/account-field'
import { AccountLink, DecideDialog, ReconcileHead, fileTone, lineTone } from './parts'
import { Payer } from './payer'

const pageQuery = graphql(`
  query StatementPage($id: ID!) {
    statement(id: $id) {
      id account from to opening moneyIn moneyOut closing linesTotal filename state error uploadedBy uploadedAt
      counts { state decision count sum } job { id state }
    }
  }
`)
const linesQuery = graphql(`
  query StatementLines($id: ID!, $state: LineState, $undecided: Boolean, $search: String, $after: String) {
    statement(id: $id) {
      id
      lines(state: $state, undecided: $undecided, search: $search, first: 50, after: $after) {
        nodes {
          number day amount document payer purpose purposeCode state channelId businessDate fee decision note decidedBy
          account { id number } refund { id number } payment { id }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`)
const termsQuery = graphql(`query ReconcileChannels { reconcileTerms { channelId channel } }`)
const decideMutation = graphql(`
  mutation StatementDecide($input: StatementDecideInput!) { statementDecide(input: $input) { statement { id } errors { code field message } } }
`)
const meanMutation = graphql(`
  mutation StatementLineSet($input: StatementLineSetInput!) { statementLineSet(input: $input) { statement { id } errors { code field message } } }
`)

type Page = NonNullable<StatementPageQuery['statement']>
type Line = NonNullable<StatementLinesQuery['statement']>['lines']['nodes'][number]
const route = getRouteApi('/reconciliation/statements/$id')
const order: LineState[] = ['REMITTANCE', 'PAYMENT', 'UNKNOWN', 'AMBIGUOUS', 'REFUND', 'OUT', 'DUPLICATE']
const waits = (row: { state: LineState; decision?: RowDecision | null | undefined }) => !row.decision && !['PENDING', 'OUT', 'DUPLICATE'].includes(row.state)
const decisionsFor = (state: LineState): RowDecision[] =>
  state === 'UNKNOWN' || state === 'AMBIGUOUS' ? ['SUSPENDED', 'EXPLAINED'] : state === 'PAYMENT' ? ['POSTED', 'SUSPENDED', 'EXPLAINED'] : ['POSTED', 'EXPLAINED']

export function StatementPage() {
  const { id } = route.useParams()
  const [result, refetch] = useQuery({ query: pageQuery, variables: { id }, requestPolicy: 'cache-and-network' })
  const statement = result.data?.statement
  const busy = statement?.state === 'MATCHING' || statement?.job?.state === 'RUNNING' || statement?.job?.state === 'QUEUED'
  useAgainWhile(busy, refetch)
  const again = () => refetch({ requestPolicy: 'network-only' })
  return (
    <Answer result={result} retry={again} lines={8}>
      {(data) => (data.statement ? <StatementView statement={data.statement} busy={busy} again={again} /> : <NotFound />)}
    </Answer>
  )
}

function StatementView({ statement, busy, again }: { statement: Page; busy: boolean; again: () => void }) {
  const t = useT()
  const codes = useCodes()
  const format = useFormat()
  return (
    <>
      <Link className="row-link" to="/reconciliation/statements"><Group gap={2} component="span" display="inline-flex"><IconBack size={15} />{t('recon.statements')}</Group></Link>
      <ReconcileHead
        title={statement.from === statement.to ? format.date(statement.from) : `${format.shortDate(statement.from)} – ${format.shortDate(statement.to)}`}
        lead={`${statement.account} · ${statement.filename} · ${codes.actor(statement.uploadedBy)}, ${format.dateTime(statement.uploadedAt)}`}
      >
        <Chip tone={fileTone[statement.state]}>{t(`enum.StatementState.${statement.state}`)}</Chip>
      </ReconcileHead>
      <Stack>
        {statement.error && <Alert color="red" role="alert">{statement.error}</Alert>}
        <Paper withBorder p="md">
          <Figures
            rows={[
              { label: t('recon.opening'), value: format.money(statement.opening) },
              { label: t('recon.moneyIn'), value: format.money(statement.moneyIn) },
              { label: t('recon.moneyOut'), value: format.money(statement.moneyOut) },
              { label: t('recon.closing'), value: format.money(statement.closing) },
            ]}
          />
        </Paper>
        <Lines statement={statement} busy={busy} again={again} />
      </Stack>
    </>
  )
}

function Lines({ statement, busy, again }: { statement: Page; busy: boolean; again: () => void }) {
  const t = useT()
  const codes = useCodes()
  const format = useFormat()
  const can = useCan()
  const navigate = route.useNavigate()
  const { state, undecided, search } = route.useSearch()
  const [terms] = useQuery({ query: termsQuery })
  const channels = terms.data?.reconcileTerms ?? []
  const pages = usePages(linesQuery, { id: statement.id, state: state ?? null, undecided: undecided ?? null, search: search ?? null }, (data) => data.statement?.lines)
  const act = useAct(decideMutation)
  const [chosen, setChosen] = useState<readonly Line[]>([])
  const [deciding, setDeciding] = useState<'chosen' | 'all' | null>(null)
  const picked = (row: Line) => chosen.some((one) => one.number === row.number)
  const toggle = (row: Line) => setChosen((now) => (picked(row) ? now.filter((one) => one.number !== row.number) : [...now, row]))
  const set = (change: { state?: LineState | undefined; undecided?: true | undefined; search?: string | undefined }) => {
    setChosen([])
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  }
  const refresh = () => { setChosen([]); again(); pages.refresh() }
  useEffect(() => {
    if (!busy) pages.refresh()
    // Lines are others once the look or a decision in bulk has ended.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [busy])
  const waiting = statement.counts.filter((one) => one.state === state && waits(one)).reduce((sum, one) => sum + one.count, 0)
  const states = [...new Set(chosen.map((row) => row.state))]
  const decisions = states.length === 1 ? decisionsFor(states[0]!) : (['EXPLAINED'] as const)
  const name = (id: string) => codes.channel(channels.find((one) => one.channelId === id)?.channel ?? '')
  return (
    <>
      <SimpleGrid cols={{ base: 2, sm: 4, lg: 7 }} spacing="sm">
        {order.map((one) => {
          const of = statement.counts.filter((row) => row.state === one)
          const on = state === one
          return (
            <UnstyledButton key={one} aria-pressed={on} onClick={() => set({ state: on ? undefined : one })}>
              <Paper withBorder p="sm" h="100%" style={on ? { borderColor: 'var(--mark)', boxShadow: '0 0 0 1px var(--mark)' } : {}}>
                <Text size="xs" c="dimmed">{t(`enum.LineState.${one}`)}</Text>
                <Text fw={700} fz="xl" className="tab">{format.count(of.reduce((sum, row) => sum + row.count, 0))}</Text>
              </Paper>
            </UnstyledButton>
          )
        })}
      </SimpleGrid>
      <Section
        flush title={t('recon.lines')}
        side={
          <>
            <Checkbox label={t('recon.toDecide')} checked={Boolean(undecided)} onChange={(event) => set({ undecided: event.currentTarget.checked || undefined })} />
            <TextInput size="xs" w={260} aria-label={t('recon.searchLine')} placeholder={t('recon.searchLine')} defaultValue={search ?? ''} onBlur={(event) => set({ search: event.currentTarget.value || undefined })} onKeyDown={(event) => event.key === 'Enter' && set({ search: event.currentTarget.value || undefined })} />
            {can('RECONCILE_WRITE') && chosen.length > 0 && <Button size="xs" onClick={() => setDeciding('chosen')}>{t('recon.decideOn', { count: chosen.length })}</Button>}
            {can('RECONCILE_WRITE') && chosen.length === 0 && state && waiting > 0 && <Button size="xs" variant="default" onClick={() => setDeciding('all')}>{t('recon.decideAll', { count: waiting })}</Button>}
          </>
        }
      >
        <PagedTable
          caption={t('recon.lines')} pages={pages} rowKey={(row) => String(row.number)} remember="statement-lines" empty={<Empty title={t('recon.noRows')} />}
          columns={[
            ...(can('RECONCILE_WRITE') ? [{ key: 'pick', head: '', fixed: true, width: 40, cell: (row: Line) => waits(row) && <Checkbox aria-label={t('recon.choose', { number: String(row.number) })} checked={picked(row)} onChange={() => toggle(row)} /> }] : []),
            { key: 'day', head: t('recon.bankDay'), fixed: true, cell: (row) => <div className="tab">{format.shortDate(row.day)}<Text size="xs" c="dimmed">№ {row.document || '—'}</Text></div> },
            {
              key: 'what', head: t('recon.purpose'), fixed: true,
              cell: (row) => (
                <div style={{ maxWidth: 420 }}>
                  <Text size="sm" fw={600}>{row.payer || '—'}</Text>
                  <Text size="xs" c="dimmed">{row.purpose}{row.purposeCode ? ` · КНП ${row.purposeCode}` : ''}</Text>
                  {can('PERSONAL_DATA_READ') && <Payer of={{ line: { id: statement.id, number: row.number } }} />}
                </div>
              ),
            },
            {
              key: 'state', head: t('recon.meaning'),
              cell: (row) => (
                <div>
                  <Chip tone={lineTone[row.state]}>{t(`enum.LineState.${row.state}`)}</Chip>
                  {row.account && <div><AccountLink number={row.account.number} /></div>}
                  {row.channelId && <Text size="xs">{name(row.channelId)}{row.businessDate && ` · ${format.shortDate(row.businessDate)}`}</Text>}
                  {row.fee && <Text size="xs" c="dimmed">{t('recon.plusFee', { fee: format.money(row.fee) })}</Text>}
                  {row.refund && <Text size="xs">{t('recon.refundNumber', { number: row.refund.number })}</Text>}
                  {row.decision && <Text size="xs">{t(`recon.decided.${row.decision}`)} · <Who by={row.decidedBy} /></Text>}
                  {row.note && <Text size="xs" c="dimmed">{row.note}</Text>}
                </div>
              ),
            },
            { key: 'amount', head: t('ledger.amount'), numeric: true, fixed: true, cell: (row) => <b>{format.money(row.amount)}</b> },
            {
              key: 'acts', head: <span className="unseen">{t('common.acts')}</span>,
              cell: (row) => can('RECONCILE_WRITE') && waits(row) && !row.amount.startsWith('-') && (
                <DialogButton label={t('recon.mean')} buttonSize="compact-sm">{(close) => <MeanForm id={statement.id} row={row} channels={channels} close={close} done={refresh} />}</DialogButton>
              ),
            },
          ]}
        />
      </Section>
      <DecideDialog
        key={deciding ?? ''} opened={deciding !== null} count={deciding === 'all' ? waiting : chosen.length} act={act}
        decisions={deciding === 'all' && state ? decisionsFor(state) : decisions} close={() => setDeciding(null)} done={refresh}
        input={(decision, note) => ({ id: statement.id, lines: deciding === 'all' ? { all: state! } : { numbers: chosen.map((row) => row.number) }, decision, note })}
      />
    </>
  )
}

/** Says what a line is where the look said otherwise. */
function MeanForm({ id, row, channels, close, done }: { id: string; row: Line; channels: readonly { channelId: string; channel: string }[]; close: () => void; done: () => void }) {
  const t = useT()
  const codes = useCodes()
  const format = useFormat()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(meanMutation),
    start: { kind: row.channelId ? 'REMITTANCE' : 'PAYMENT', account: row.account ? { id: row.account.id, label: row.account.number } : (null as Picked | null), channel: row.channelId ?? channels[0]?.channelId ?? '', date: row.businessDate ?? row.day },
    input: (read, values) => ({
      id, number: row.number,
      meaning: values.kind === 'PAYMENT' ? { account: read.picked('account') } : { remittance: { channelId: read.text('channel'), date: read.text('date') } },
    }),
    done: () => finish(t('recon.meant')),
  })
  return (
    <FormView form={form} submit={t('common.save')} cancel={close}>
      <Figures rows={[{ label: row.payer || t('recon.payer'), value: format.money(row.amount), note: row.purpose }]} />
      <ChoiceField name="kind" label={t('recon.meaning')} choices={(['PAYMENT', 'REMITTANCE'] as const).map((value) => ({ value, label: t(`enum.LineState.${value}`) }))} />
      {form.values.kind === 'PAYMENT'
        ? <AccountField name="account" label={t('recon.account')} required />
        : (
          <>
            <ChoiceField name="channel" label={t('payments.channel')} choices={channels.map((one) => ({ value: one.channelId, label: codes.channel(one.channel) }))} />
            <TextField name="date" label={t('recon.day')} kind="date" required />
          </>
        )}
    </FormView>
  )
}
