// Acts that two people sign: what waits for the second one, beside the thing it is about and as one list.
import type { ReactNode } from 'react'
import { Group, NativeSelect, Paper, Text } from '@mantine/core'
import { Link, getRouteApi } from '@tanstack/react-router'
import {
  Chip, DataTable, Empty, PageHead, PagedTable, Problem, Section, useAct, useFormat, useLanguage, usePages, type Column, type Tone,
} from '@aiscra/ui'
import { graphql, type SecondSignaturesQuery, type SignatureState, type SignedAct } from '../../gql'
import { useCan, useSigns } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { paperNumber } from '../../lib/paper'
import { Who } from '../../lib/who'
import { AskButton } from '../debt/parts'

const query = graphql(`
  query SecondSignatures($state: SignatureState, $acts: [SignedAct!], $subject: ID, $account: ID, $papers: Boolean!, $accounts: Boolean!, $after: String) {
    secondSignatures(state: $state, acts: $acts, subject: $subject, account: $account, first: 20, after: $after) {
      nodes {
        id act subject state sector consumerGroup month from to sum rows reason askedBy askedAt decidedBy decidedAt mine mayDecide
        title { kk ru en }
        account @include(if: $accounts) { id number }
        document @include(if: $papers) { id number }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`)
const decide = graphql(`
  mutation SecondSignatureDecide($input: SecondSignatureDecideInput!) {
    secondSignatureDecide(input: $input) { signature { id state decidedBy decidedAt mine mayDecide } errors { code field message } }
  }
`)
const withdraw = graphql(`
  mutation SecondSignatureWithdraw($input: SecondSignatureWithdrawInput!) {
    secondSignatureWithdraw(input: $input) { signature { id state decidedBy decidedAt mine mayDecide } errors { code field message } }
  }
`)

type Row = SecondSignaturesQuery['secondSignatures']['nodes'][number]
const tones: Record<SignatureState, Tone> = { WAITING: 'warn', AGREED: 'good', DECLINED: 'plain', WITHDRAWN: 'plain' }
const states: SignatureState[] = ['WAITING', 'AGREED', 'DECLINED', 'WITHDRAWN']

interface Filter {
  state: SignatureState | null
  acts?: SignedAct[]
  subject?: string
  account?: string
}

/** Requests that the viewer has a part in; nothing is asked for whoever has none in any. */
function useRequests({ state, acts, subject, account }: Filter) {
  const can = useCan()
  const signs = useSigns()
  return usePages(
    query, { state, acts: acts ?? null, subject: subject ?? null, account: account ?? null, papers: can('DOCUMENT_READ'), accounts: can('ACCOUNT_READ') },
    (data) => data.secondSignatures, !signs,
  )
}

/** In the dialog of an act that two people sign: what will become of it. */
export function SecondNeeded() {
  const t = useT()
  return <Text size="sm" c="dimmed">{t('signatures.needed')}</Text>
}

/** What waits for a second person of some acts, on the page of what they are about; nothing while nothing waits. */
export function Awaiting({ done, ...filter }: Omit<Filter, 'state'> & { done: () => void }) {
  const t = useT()
  const pages = useRequests({ ...filter, state: 'WAITING' })
  const columns = useColumns(() => {
    pages.refresh()
    done()
  })
  if (pages.error) return <Problem error={pages.error} retry={pages.refresh} />
  if (pages.rows.length === 0) return null
  return (
    <Section title={t('signatures.awaiting')} flush>
      <DataTable caption={t('signatures.awaiting')} rows={pages.rows} rowKey={(row) => row.id} more={pages.more} empty={null} columns={columns} />
    </Section>
  )
}

const route = getRouteApi('/signatures')

/** Everything that waits, and what became of what was asked for before. */
export function Signatures() {
  const t = useT()
  const { state } = route.useSearch()
  const navigate = route.useNavigate()
  const pages = useRequests({ state: state === 'ALL' ? null : state ?? 'WAITING' })
  const columns = useColumns(pages.refresh, true)
  const set = (value: string) => void navigate({ search: value === 'WAITING' ? {} : { state: value as SignatureState | 'ALL' }, replace: true })
  return (
    <>
      <PageHead title={t('nav.signatures')} lead={t('signatures.lead')} />
      <Paper withBorder>
        <Group p="md" gap="sm" align="flex-end">
          <NativeSelect
            label={t('common.state')} value={state ?? 'WAITING'} onChange={(event) => set(event.currentTarget.value)}
            data={[...states.map((value) => ({ value, label: t(`enum.SignatureState.${value}`) })), { value: 'ALL', label: t('common.all') }]}
          />
        </Group>
        <PagedTable
          caption={t('nav.signatures')} pages={pages} rowKey={(row) => row.id} columns={columns}
          empty={<Empty title={t('signatures.none')}>{t('signatures.noneText')}</Empty>}
        />
      </Paper>
    </>
  )
}

/** `ways`: the way to the page of each is shown, for rows that stand together with others. */
function useColumns(done: () => void, ways = false): Column<Row>[] {
  const t = useT()
  const format = useFormat()
  return [
    { key: 'what', head: t('signatures.what'), cell: (row) => <What row={row} way={ways} /> },
    { key: 'asked', head: t('signatures.askedBy'), cell: (row) => <div><Who by={row.askedBy} /><Text size="xs" c="dimmed">{format.dateTime(row.askedAt)}</Text></div> },
    {
      key: 'state', head: t('common.state'),
      cell: (row) => (
        <div>
          <Chip tone={tones[row.state]}>{t(`enum.SignatureState.${row.state}`)}</Chip>
          {row.decidedAt && <Text size="xs" c="dimmed"><Who by={row.decidedBy} /> · {format.dateTime(row.decidedAt)}</Text>}
        </div>
      ),
    },
    { key: 'acts', head: <span className="unseen">{t('common.acts')}</span>, cell: (row) => <Word row={row} done={done} /> },
  ]
}

function What({ row, way }: { row: Row; way: boolean }) {
  const t = useT()
  const format = useFormat()
  const { language } = useLanguage()
  const act = t(`enum.SignedAct.${row.act}`)
  const told = [
    row.title?.[language], row.account && t('subscribers.account', { number: row.account.number }), !row.account && row.sector && t(`enum.Sector.${row.sector}`),
    row.consumerGroup && t(`enum.ConsumerGroup.${row.consumerGroup}`), row.month && format.period(row.month),
    row.from && (row.to ? t('common.fromTo', { from: format.shortDate(row.from), to: format.shortDate(row.to) }) : t('common.from', { from: format.shortDate(row.from) })),
    row.rows != null && t('signatures.rows', { count: format.count(row.rows) }), row.sum && format.money(row.sum),
  ].filter(Boolean).join(' · ')
  return (
    <div>
      {way ? <Way row={row}>{act}</Way> : act}
      <Text size="xs">{told}</Text>
      {row.reason && <Text size="xs">{row.reason}</Text>}
      {row.document && <Text size="xs" c="dimmed">{t('archive.numbered', { number: paperNumber(row.document.number) })}</Text>}
    </div>
  )
}

function Way({ row, children }: { row: Row; children: ReactNode }) {
  if (row.act === 'IMPORT_UNDO') return row.subject ? <Link className="row-link" to="/imports/$id" params={{ id: row.subject }}>{children}</Link> : <>{children}</>
  if (row.act === 'ONE_OFF_REVERSE') return row.account ? <Link className="row-link" to="/accounts/$number" params={{ number: row.account.number }} search={{ tab: 'bills' }}>{children}</Link> : <>{children}</>
  if (row.act === 'SPECIAL_TAKE_BACK') return row.account ? <Link className="row-link" to="/accounts/$number" params={{ number: row.account.number }}>{children}</Link> : <>{children}</>
  return <Link className="row-link" to="/debt/penalty">{children}</Link>
}

/** The second person's word, or the way back of whoever asked. */
function Word({ row, done }: { row: Row; done: () => void }) {
  const t = useT()
  const yes = useAct(decide)
  const no = useAct(decide)
  const back = useAct(withdraw)
  if (row.mayDecide) {
    return (
      <Group gap={6}>
        <AskButton act={yes} input={{ id: row.id, agreed: true }} label={t('signatures.agree')} text={t('signatures.agreeText')} said={t('signatures.agreed')} done={done} />
        <AskButton act={no} input={{ id: row.id, agreed: false }} label={t('signatures.decline')} text={t('signatures.declineText')} said={t('signatures.declined')} done={done} danger />
      </Group>
    )
  }
  if (!row.mine || row.state !== 'WAITING') return null
  return <AskButton act={back} input={{ id: row.id }} label={t('signatures.withdraw')} text={t('signatures.withdrawText')} said={t('signatures.withdrawn')} done={done} danger />
}
