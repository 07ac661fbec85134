// Refunds: what waits for a second person, what waits for the bank, and what the bank has paid or sent back.
import { Group, NativeSelect, Paper, Stack, Text } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { Chip, DialogButton, Empty, Figures, FieldRow, FormView, PagedTable, Section, TextField, useAct, useFinish, useForm, useFormat, usePages } from '@aiscra/ui'
import { graphql, type RefundState, type RefundsQuery } from '../../../gql'
import { useCan, useToday, useViewer } from '../../../lib/can'
import { useCodes } from '../../../lib/codes'
import { useT } from '../../../lib/i18n'
import { Who } from '../../../lib/who'
import { AskButton } from '../../debt/parts'
import { AccountLink, ReconcileHead, refundTone } from './parts'

const query = graphql(`
  query Refunds($state: RefundState, $after: String) {
    refunds(state: $state, first: 30, after: $after) {
      nodes { id number amount means state second reason proposedBy proposedAt decidedBy paidOn paidReference account { id number } payment { id paidOn amount } }
      pageInfo { hasNextPage endCursor }
    }
  }
`)
const decideMutation = graphql(`
  mutation RefundDecide($input: RefundDecideInput!) { refundDecide(input: $input) { refund { id state } errors { code field message } } }
`)
const payMutation = graphql(`
  mutation RefundPay($input: RefundPayInput!) { refundPay(input: $input) { refund { id state } errors { code field message } } }
`)
const returnMutation = graphql(`
  mutation RefundReturn($input: RefundReturnInput!) { refundReturn(input: $input) { refund { id state } errors { code field message } } }
`)

type Row = RefundsQuery['refunds']['nodes'][number]
const route = getRouteApi('/reconciliation/refunds')
const states: RefundState[] = ['WAITING', 'POSTED', 'PAID', 'DECLINED', 'RETURNED']

export function Refunds() {
  const t = useT()
  const codes = useCodes()
  const format = useFormat()
  const { state } = route.useSearch()
  const navigate = route.useNavigate()
  const pages = usePages(query, { state: state ?? null }, (data) => data.refunds)
  return (
    <>
      <ReconcileHead title={t('recon.refunds')} lead={t('recon.refundsLead')} />
      <Stack>
        <Paper withBorder p="md">
          <NativeSelect
            w={240} label={t('common.state')} value={state ?? ''} onChange={(event) => void navigate({ search: event.currentTarget.value ? { state: event.currentTarget.value as RefundState } : {}, replace: true })}
            data={[{ value: '', label: t('common.all') }, ...states.map((value) => ({ value, label: t(`enum.RefundState.${value}`) }))]}
          />
        </Paper>
        <Section flush title={t('recon.refunds')}>
          <PagedTable
            caption={t('recon.refunds')} pages={pages} rowKey={(row) => row.id} empty={<Empty title={t('recon.noRefunds')}>{t('recon.noRefundsText')}</Empty>}
            columns={[
              { key: 'number', head: '№', cell: (row) => <span className="tab">{row.number}</span> },
              { key: 'account', head: t('recon.account'), cell: (row) => <AccountLink number={row.account.number} /> },
              { key: 'state', head: t('common.state'), cell: (row) => <div><Chip tone={refundTone[row.state]}>{t(`enum.RefundState.${row.state}`)}</Chip>{row.paidReference && <Text size="xs" c="dimmed">№ {row.paidReference}{row.paidOn && `, ${format.shortDate(row.paidOn)}`}</Text>}</div> },
              { key: 'means', head: t('recon.means'), cell: (row) => <div>{codes.channel(row.means)}{row.payment && <Text size="xs" c="dimmed">{t('recon.ofPayment', { sum: format.money(row.payment.amount), day: format.shortDate(row.payment.paidOn) })}</Text>}</div> },
              { key: 'reason', head: t('corrections.reason'), cell: (row) => <div>{row.reason}<Text size="xs" c="dimmed"><Who by={row.decidedBy ?? row.proposedBy} /> · {format.dateTime(row.proposedAt)}</Text></div> },
              { key: 'amount', head: t('ledger.amount'), numeric: true, cell: (row) => <b>{format.money(row.amount)}</b> },
              { key: 'acts', head: <span className="unseen">{t('common.acts')}</span>, cell: (row) => <Acts row={row} done={pages.refresh} /> },
            ]}
          />
        </Section>
      </Stack>
    </>
  )
}

function Acts({ row, done }: { row: Row; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const viewer = useViewer()
  const yes = useAct(decideMutation)
  const no = useAct(decideMutation)
  const back = useAct(returnMutation)
  // Who proposed it never agrees to it.
  if (row.state === 'WAITING' && can('RECONCILE_CONFIRM') && row.proposedBy !== viewer.login) {
    return (
      <Group gap={6}>
        <AskButton act={yes} input={{ id: row.id, agree: true }} label={t('life.agree')} said={t('recon.refundAgreed')} done={done} text={t('recon.refundCheck', { sum: format.money(row.amount), account: row.account.number })} />
        <AskButton act={no} input={{ id: row.id, agree: false }} label={t('life.decline')} said={t('recon.declined')} done={done} text={t('recon.refundDecline')} danger />
      </Group>
    )
  }
  if (!can('RECONCILE_WRITE') || (row.state !== 'POSTED' && row.state !== 'PAID')) return null
  return (
    <Group gap={6} wrap="nowrap">
      {row.state === 'POSTED' && <DialogButton label={t('recon.paid')} buttonSize="compact-sm" variant="light">{(close) => <PaidForm row={row} close={close} done={done} />}</DialogButton>}
      <AskButton act={back} input={{ id: row.id }} label={t('recon.cameBack')} said={t('recon.cameBackDone')} done={done} text={t('recon.cameBackText', { sum: format.money(row.amount) })} danger />
    </Group>
  )
}

function PaidForm({ row, close, done }: { row: Row; close: () => void; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const finish = useFinish(close, done)
  const form = useForm({
    act: useAct(payMutation),
    start: { day: useToday(), reference: '' },
    input: (read) => ({ id: row.id, paidOn: read.text('day'), reference: read.text('reference') }),
    done: () => finish(t('recon.paidDone')),
  })
  return (
    <FormView form={form} submit={t('recon.paid')} cancel={close}>
      <Figures rows={[{ label: row.account.number, value: format.money(row.amount), note: row.reason }]} />
      <FieldRow>
        <TextField name="day" label={t('recon.bankDay')} kind="date" required />
        <TextField name="reference" label={t('recon.order')} required first />
      </FieldRow>
    </FormView>
  )
}
