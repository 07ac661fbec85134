// One batch of amendments: its blast radius before it is saved — bills, balances, entries, messages, who and how much — its rows with
// what is refused and why, and the acts on it.
import { useState, type ReactNode } from 'react'
import { Alert, Button, Group, Loader, Paper, Stack, Text } from '@mantine/core'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useQuery } from 'urql'
import {
  Answer, Chip, Confirm, DataTable, DialogButton, Empty, Figures, FormView, IconBack, PageHead, PagedTable, Problem, Refusals, Section, newKey, sign, unsigned, useAct, useFinish, useForm, useFormat, useLanguage, usePages, type Picked,
} from '@aiscra/ui'
import { graphql, type Amenity, type AmendmentFact, type AmendmentOutcome, type AmendmentQuery } from '../../gql'
import { NotFound } from '../../app/not-found'
import { useCan, useViewer } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { paperNumber } from '../../lib/paper'
import { useAgainWhile } from '../../lib/poll'
import { DocumentField } from '../archive/document-field'
import { useExport } from '../platform/made'
import { amendmentTone } from './amendments'

const query = graphql(`
  query Amendment($id: ID!, $documents: Boolean!) {
    amendment(id: $id) {
      id number state reason rowCount ready refused accounts issued inRun ahead entries messages owedMore owedLess paidBack hash staff second
      createdBy createdAt askedBy confirmedBy appliedAt reversedBy reversedAt error
      document @include(if: $documents) { id number issuedOn issuer subject }
      correction { id number state }
      totals { district { id name { kk ru en } } sector accounts bills owedMore owedLess }
    }
  }
`)
const effectsQuery = graphql(`
  query AmendmentEffects($id: ID!, $after: String) {
    amendment(id: $id) {
      id
      effects(first: 20, after: $after) {
        nodes { account { id number address } period stage before after }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`)
const rowsQuery = graphql(`
  query AmendmentRows($id: ID!, $outcome: AmendmentOutcome, $after: String) {
    amendment(id: $id) {
      id
      rows(outcome: $outcome, first: 20, after: $after) {
        nodes { number act fact named was value day outcome refusal account { id number } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`)
const saveMutation = graphql(`
  mutation AmendmentSave($input: AmendmentSaveInput!) { amendmentSave(input: $input) { amendment { id state second } errors { code field message } } }
`)
const confirmMutation = graphql(`
  mutation AmendmentConfirm($input: AmendmentSaveInput!) { amendmentConfirm(input: $input) { amendment { id state } errors { code field message } } }
`)
const reverseMutation = graphql(`
  mutation AmendmentReverse($input: AmendmentReverseInput!) { amendmentReverse(input: $input) { amendment { id state } errors { code field message } } }
`)
const withdrawMutation = graphql(`
  mutation AmendmentWithdraw($input: AmendmentInput!) { amendmentWithdraw(input: $input) { amendment { id state } errors { code field message } } }
`)

type Batch = NonNullable<AmendmentQuery['amendment']>
const route = getRouteApi('/amendments/$id')
const atWork = (batch: Batch | null | undefined) => !!batch && ['RECKONING', 'APPLYING', 'REVERSING'].includes(batch.state)

export function AmendmentPage() {
  const t = useT()
  const can = useCan()
  const { id } = route.useParams()
  const [result, refetch] = useQuery({ query, variables: { id, documents: can('DOCUMENT_READ') } })
  const again = () => refetch({ requestPolicy: 'network-only' })
  const live = atWork(result.data?.amendment)
  useAgainWhile(live, refetch)
  return (
    <Answer result={result} retry={again} lines={8}>
      {({ amendment }) =>
        !amendment ? <NotFound /> : (
          <>
            <Link className="row-link" to="/amendments"><Group gap={2} component="span" display="inline-flex"><IconBack size={15} />{t('nav.amendments')}</Group></Link>
            <PageHead title={t('amendments.title', { number: amendment.number })} lead={amendment.reason}>
              <Chip tone={amendmentTone[amendment.state]}>{t(`enum.AmendmentState.${amendment.state}`)}</Chip>
              <Acts batch={amendment} done={again} />
            </PageHead>
            <Stack>
              <About batch={amendment} />
              {live
                ? <Paper withBorder p="lg" role="status" aria-live="polite"><Group><Loader size="sm" /><Text size="sm">{t(`enum.AmendmentState.${amendment.state}`)}</Text></Group></Paper>
                : <Blast batch={amendment} />}
              {amendment.state !== 'RECKONING' && (
                <>
                  <Effects key={`e${amendment.state}`} id={amendment.id} />
                  <Rows key={amendment.state} id={amendment.id} refused={amendment.refused} />
                </>
              )}
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
  return (
    <Paper withBorder p="lg">
      <Stack gap="sm">
        {batch.error && <Alert color="red" role="alert">{batch.error}</Alert>}
        {batch.state === 'WAITING' && (
          <Alert color="yellow">{t('corrections.waits', { why: batch.second.map((one) => t(`enum.SecondPersonReason.${one}`)).join(', ') })}</Alert>
        )}
        {batch.correction && (
          <Alert color="yellow">
            {t('amendments.correctionMade')}{' '}
            <Link className="row-link" to="/corrections/$id" params={{ id: batch.correction.id }}>{t('corrections.title', { number: batch.correction.number })}</Link>{' '}
            ({t(`enum.CorrectionState.${batch.correction.state}`)})
          </Alert>
        )}
        <Figures
          rows={[
            ...(batch.document ? [{ label: t('archive.document'), value: t('archive.line', { number: paperNumber(batch.document.number), date: format.shortDate(batch.document.issuedOn), subject: batch.document.subject }) }] : []),
            { label: t('corrections.createdBy'), value: `${codes.actor(batch.createdBy)}, ${format.dateTime(batch.createdAt)}` },
            ...(batch.confirmedBy ? [{ label: t('corrections.confirmedBy'), value: codes.actor(batch.confirmedBy) }] : []),
            ...(batch.appliedAt ? [{ label: t('amendments.appliedAt'), value: format.dateTime(batch.appliedAt) }] : []),
            ...(batch.reversedBy ? [{ label: t('amendments.reversedBy'), value: codes.actor(batch.reversedBy), note: batch.reversedAt ? format.dateTime(batch.reversedAt) : null }] : []),
          ]}
        />
        {batch.hash && <Text size="xs" c="dimmed">{t('billing.hash')} <span style={{ fontFamily: 'monospace', overflowWrap: 'anywhere' }}>{batch.hash}</span></Text>}
      </Stack>
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
    <Section title={t('corrections.blast')}>
      <Stack gap="md">
        <Figures
          large
          rows={[
            { label: t('amendments.owedMore'), value: `+${format.money(batch.owedMore)}`, note: sign(batch.paidBack) ? t('amendments.paidBack', { sum: format.money(batch.paidBack) }) : null },
            { label: t('amendments.owedLess'), value: `\u2212${format.money(batch.owedLess)}` },
            { label: t('amendments.accounts'), value: format.count(batch.accounts) },
            { label: t('amendments.rows'), value: t('common.of', { done: format.count(batch.ready), total: format.count(batch.rowCount) }), note: batch.refused ? t('amendments.refusedCount', { count: format.count(batch.refused) }) : null },
          ]}
        />
        <Figures
          rows={[
            { label: t('enum.BillStage.ISSUED'), value: format.count(batch.issued), note: batch.issued ? t('amendments.issuedNote') : null },
            { label: t('enum.BillStage.IN_RUN'), value: format.count(batch.inRun), note: batch.inRun ? t('amendments.inRunNote') : null },
            { label: t('enum.BillStage.AHEAD'), value: format.count(batch.ahead) },
            { label: t('corrections.entries'), value: format.count(batch.entries) },
            { label: t('amendments.messages'), value: format.count(batch.messages) },
            ...(batch.staff ? [{ label: t('corrections.staff'), value: format.count(batch.staff) }] : []),
          ]}
        />
        <DataTable
          caption={t('corrections.where')} rows={batch.totals} rowKey={(row) => `${row.district.id}${row.sector}`} empty={<Empty title={t('corrections.nothing')} />}
          columns={[
            { key: 'where', head: t('corrections.where'), cell: (row) => <div>{row.district.name[language]}<Text size="xs" c="dimmed">{t(`enum.Sector.${row.sector}`)}</Text></div> },
            { key: 'accounts', head: t('billing.accounts'), numeric: true, cell: (row) => format.count(row.accounts) },
            { key: 'bills', head: t('amendments.bills'), numeric: true, cell: (row) => format.count(row.bills) },
            { key: 'more', head: t('amendments.owedMore'), numeric: true, cell: (row) => <div>{format.money(row.owedMore)}{sign(row.owedMore) > 0 && bar(row.owedMore, 'var(--warn)')}</div> },
            { key: 'less', head: t('amendments.owedLess'), numeric: true, cell: (row) => <div>{format.money(row.owedLess)}{sign(row.owedLess) > 0 && bar(row.owedLess, 'var(--good)')}</div> },
          ]}
        />
      </Stack>
    </Section>
  )
}

function Effects({ id }: { id: string }) {
  const t = useT()
  const format = useFormat()
  const pages = usePages(effectsQuery, { id }, (data) => data.amendment?.effects)
  return (
    <Section title={t('amendments.largest')}>
      <PagedTable
        caption={t('amendments.largest')} pages={pages} rowKey={(row) => `${row.account.id}${row.period}${row.stage}`} empty={<Empty title={t('corrections.nothing')} />}
        columns={[
          { key: 'account', head: t('subscribers.number'), cell: (row) => <div><Link className="row-link tab" to="/accounts/$number" params={{ number: row.account.number }} search={{}}>{row.account.number}</Link><Text size="xs" c="dimmed">{row.account.address}</Text></div> },
          { key: 'period', head: t('common.period'), cell: (row) => format.period(row.period) },
          { key: 'what', head: t('amendments.what'), cell: (row) => row.stage ? t(`enum.BillStage.${row.stage}`) : t('amendments.payments') },
          { key: 'before', head: t('corrections.before'), numeric: true, cell: (row) => format.money(row.before) },
          { key: 'after', head: t('corrections.after'), numeric: true, cell: (row) => format.money(row.after) },
        ]}
      />
    </Section>
  )
}

/** What a fact says, as such facts are read everywhere else. */
function useFact() {
  const t = useT()
  const format = useFormat()
  return (fact: AmendmentFact, text: string | null | undefined): string => {
    if (!text) return '—'
    const number = /^-?\d+(\.\d+)?$/.test(text)
    switch (fact) {
      case 'READING': return number ? format.volume(text) : text
      case 'PAYMENT': return number ? format.money(text) : text
      case 'RESIDENTS': return number ? t('subscribers.people', { count: Number(text) }) : text
      case 'AMENITY': return t(`enum.Amenity.${text.toUpperCase() as Amenity}`)
      // Days stand in words of their own.
      case 'VERIFICATION':
      case 'INSTALLATION': return text.replace(/\d{4}-\d\d-\d\d/g, format.shortDate)
    }
  }
}

function Rows({ id, refused }: { id: string; refused: number }) {
  const t = useT()
  const format = useFormat()
  const said = useFact()
  const [outcome, setOutcome] = useState<AmendmentOutcome | null>(null)
  const can = useCan()
  const pages = usePages(rowsQuery, { id, outcome }, (data) => data.amendment?.rows)
  const exporting = useExport({ amendment: { amendment: id, outcome } })
  return (
    <Section
      title={t('amendments.rows')}
      side={refused > 0 && <Button size="compact-sm" variant="subtle" onClick={() => setOutcome(outcome ? null : 'REFUSED')}>{outcome ? t('corrections.all') : t('amendments.onlyRefused')}</Button>}
    >
      <PagedTable
        caption={t('amendments.rows')} pages={pages} rowKey={(row) => `${row.number}`} exporting={can('JOB_READ') ? exporting : undefined} empty={<Empty title={t('corrections.nothing')} />}
        columns={[
          { key: 'n', head: t('corrections.number'), cell: (row) => row.number },
          { key: 'what', head: t('amendments.fact'), cell: (row) => <div>{t(`enum.AmendmentFact.${row.fact}`)}<Text size="xs" c="dimmed">{t(`enum.AmendmentAct.${row.act}`)}</Text></div> },
          { key: 'account', head: t('subscribers.number'), cell: (row) => row.account ? <Link className="row-link tab" to="/accounts/$number" params={{ number: row.account.number }} search={{}}>{row.account.number}</Link> : row.named ?? '—' },
          { key: 'day', head: t('amendments.day'), cell: (row) => row.day ? <span className="tab">{format.shortDate(row.day)}</span> : '—' },
          { key: 'was', head: t('corrections.before'), numeric: true, cell: (row) => said(row.fact, row.was) },
          { key: 'value', head: t('corrections.after'), numeric: true, cell: (row) => said(row.fact, row.value) },
          { key: 'outcome', head: t('common.state'), cell: (row) => <div><Chip tone={row.outcome === 'REFUSED' ? 'bad' : row.outcome === 'READY' ? 'warn' : row.outcome === 'APPLIED' ? 'good' : 'plain'}>{t(`enum.AmendmentOutcome.${row.outcome}`)}</Chip>{row.refusal && <Text size="xs" c="dimmed">{t(`enum.AmendmentRefusal.${row.refusal}`)}</Text>}</div> },
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
  const save = useAct(saveMutation)
  const confirm = useAct(confirmMutation)
  const withdraw = useAct(withdrawMutation)
  const [key, setKey] = useState(newKey)
  const [asking, setAsking] = useState<'save' | 'confirm' | 'withdraw' | null>(null)
  const own = batch.createdBy === viewer.login || batch.askedBy === viewer.login
  const yes = async () => {
    const what = asking
    setAsking(null)
    const input = { id: batch.id, hash: batch.hash ?? '', idempotencyKey: key }
    if (what === 'save') await save.run(input)
    if (what === 'confirm') await confirm.run(input)
    if (what === 'withdraw') await withdraw.run({ id: batch.id })
    setKey(newKey())
    done()
  }
  const broken = save.broken ?? confirm.broken ?? withdraw.broken
  const open = ['RECKONING', 'PREVIEWED', 'WAITING', 'STALE'].includes(batch.state)
  const button = (label: ReactNode, act: () => void, filled = true) => <Button size="sm" variant={filled ? 'filled' : 'default'} loading={save.busy || confirm.busy} onClick={act}>{label}</Button>
  return (
    <>
      {open && can('CORRECTION_WRITE') && button(t('corrections.withdraw'), () => setAsking('withdraw'), false)}
      {batch.state === 'PREVIEWED' && batch.ready > 0 && can('CORRECTION_WRITE') && button(t('amendments.save'), () => setAsking('save'))}
      {batch.state === 'WAITING' && can('CORRECTION_CONFIRM') && !own && button(t('amendments.confirm'), () => setAsking('confirm'))}
      {batch.state === 'APPLIED' && can('CORRECTION_CONFIRM') && batch.createdBy !== viewer.login && (
        <DialogButton label={t('amendments.reverse')} title={t('amendments.reverseTitle', { number: batch.number })} variant="default">
          {(close) => <ReverseForm batch={batch} close={close} done={done} />}
        </DialogButton>
      )}
      <Refusals errors={[...save.errors, ...confirm.errors, ...withdraw.errors]} />
      {broken && <Problem error={broken} />}
      <Confirm
        opened={asking !== null} danger={asking !== 'confirm'} onYes={() => void yes()} onClose={() => setAsking(null)}
        title={t('amendments.title', { number: batch.number })}
        yes={asking === 'withdraw' ? t('corrections.withdraw') : asking === 'confirm' ? t('amendments.confirm') : t('amendments.save')}
      >
        <Text size="sm" mb="sm">{asking === 'withdraw' ? t('amendments.withdrawText') : t('amendments.saveText')}</Text>
        <Figures
          rows={[
            { label: t('amendments.rows'), value: format.count(batch.ready) },
            { label: t('amendments.owedMore'), value: `+${format.money(unsigned(batch.owedMore))}` },
            { label: t('amendments.owedLess'), value: `\u2212${format.money(batch.owedLess)}` },
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
    done: () => finish(t('amendments.reversing')),
  })
  return (
    <FormView form={form} submit={t('amendments.reverse')} cancel={close}>
      <Text size="sm">{t('amendments.reverseText')}</Text>
      <DocumentField name="documentId" required />
    </FormView>
  )
}
