// Balances that move between accounts and accounts that are divided or joined: what waits for a second person, and what was decided.
import { Button, Group, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useQuery } from 'urql'
import {
  Chip, DataTable, DialogButton, Empty, FormView, Problem, Refusals, Section, TextField, Waiting, useAct, useFinish, useForm, useFormat, type Picked, type Tone,
} from '@aiscra/ui'
import { graphql, type DivisionState, type TransferState } from '../../gql'
import { useCan } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { Who } from '../../lib/who'
import { DocumentField } from '../archive/document-field'

const query = graphql(`
  query TransfersAndDivisions($transfers: Boolean!) {
    transfers(first: 20) @include(if: $transfers) {
      nodes { id number state kind reason debt advance proposedBy decidedBy parts { from { id number } to { id number } } payment { id amount paidOn } to { id number } }
    }
    divisions(first: 20) {
      nodes { id state date reason proposedBy decidedBy backReason backAskedBy backDecidedBy restMonth from { id number } to { share account { id number } } }
    }
  }
`)
const decideTransfer = graphql(`
  mutation TransferDecide($input: TransferDecideInput!) { transferDecide(input: $input) { transfer { id state } errors { code field message } } }
`)
const decideDivision = graphql(`
  mutation DivisionDecide($input: DivisionDecideInput!) { divisionDecide(input: $input) { division { id state } errors { code field message } } }
`)

const takeBack = graphql(`
  mutation DivisionTakeBack($input: DivisionBackInput!) { divisionTakeBack(input: $input) { division { id state } errors { code field message } } }
`)

const transferTone: Record<TransferState, Tone> = { WAITING: 'warn', POSTED: 'good', DECLINED: 'plain', REVERSED: 'plain' }
const divisionTone: Record<DivisionState, Tone> = { WAITING: 'warn', DONE: 'good', DECLINED: 'plain', RETURNING: 'warn', RETURNED: 'plain' }

const number = (one: { id: string; number: string }) => <Link key={one.id} className="row-link tab" to="/accounts/$number" params={{ number: one.number }}>{one.number}</Link>

/** Each account once, in the order of the parts. */
const moved = (accounts: readonly { id: string; number: string }[]) => [...new Map(accounts.map((one) => [one.id, one])).values()].map(number)

function Decide({ busy, decide }: { busy: boolean; decide: (agree: boolean) => void }) {
  const t = useT()
  return (
    <Group gap="xs" wrap="nowrap">
      <Button size="compact-xs" loading={busy} onClick={() => decide(true)}>{t('life.agree')}</Button>
      <Button size="compact-xs" variant="default" loading={busy} onClick={() => decide(false)}>{t('life.decline')}</Button>
    </Group>
  )
}

function TakeBackForm({ id, close, refresh }: { id: string; close: () => void; refresh: () => void }) {
  const t = useT()
  const finish = useFinish(close, refresh)
  const form = useForm({
    act: useAct(takeBack),
    start: { reason: '', document: null as Picked | null },
    input: (read) => ({ id, reason: read.text('reason'), documentId: read.picked('document') }),
    done: () => finish(t('life.waits')),
  })
  return (
    <FormView form={form} submit={t('life.takeBack')} cancel={close} danger>
      <Text size="sm" c="dimmed">{t('life.takeBackText')}</Text>
      <TextField name="reason" label={t('corrections.reason')} kind="long" required />
      <DocumentField name="document" required />
    </FormView>
  )
}

export function TransfersAndDivisions() {
  const t = useT()
  const can = useCan()
  const format = useFormat()
  const [result, again] = useQuery({ query, variables: { transfers: can('LEDGER_READ') }, requestPolicy: 'cache-and-network' })
  const transfer = useAct(decideTransfer)
  const division = useAct(decideDivision)
  const refresh = () => again({ requestPolicy: 'network-only' })
  const confirms = can('CORRECTION_CONFIRM')
  if (result.error) return <Problem error={result.error} retry={refresh} />
  if (!result.data) return <Waiting lines={3} />
  const { transfers, divisions } = result.data
  return (
    <Stack mt="md">
      <Refusals errors={[...transfer.errors, ...division.errors]} shown={[]} />
      {transfers && (
        <Section flush title={t('life.transfers')}>
          <DataTable
            caption={t('life.transfers')} rows={transfers.nodes} rowKey={(row) => row.id} empty={<Empty title={t('life.noPending')}>{t('life.noPendingText')}</Empty>}
            columns={[
              { key: 'number', head: t('corrections.number'), cell: (row) => <span className="tab">{`№ ${row.number}`}</span> },
              { key: 'state', head: t('common.state'), cell: (row) => <Chip tone={transferTone[row.state]}>{t(`enum.TransferState.${row.state}`)}</Chip> },
              {
                key: 'accounts', head: t('life.accounts'),
                cell: (row) => <Group gap={6}>{moved(row.parts.map((one) => one.from))}<span aria-hidden>→</span>{row.to ? number(row.to) : moved(row.parts.map((one) => one.to))}</Group>,
              },
              {
                key: 'reason', head: t('corrections.reason'),
                cell: (row) => (
                  <div>
                    {row.reason}
                    {row.payment && <Text size="xs">{t('recon.ofPayment', { sum: format.money(row.payment.amount), day: format.shortDate(row.payment.paidOn) })}</Text>}
                    <Text size="xs" c="dimmed"><Who by={row.proposedBy} /></Text>
                  </div>
                ),
              },
              { key: 'debt', head: t('life.debtMoves'), numeric: true, cell: (row) => format.money(row.debt) },
              { key: 'advance', head: t('life.advanceMoves'), numeric: true, cell: (row) => format.money(row.advance) },
              {
                key: 'decide', head: <span className="unseen">{t('common.acts')}</span>,
                cell: (row) => confirms && row.state === 'WAITING'
                  ? <Decide busy={transfer.busy} decide={(agree) => void transfer.run({ id: row.id, agree }).then((done) => { if (done) refresh() })} /> : <Who by={row.decidedBy} />,
              },
            ]}
          />
        </Section>
      )}
      <Section flush title={t('life.divisions')}>
        <DataTable
          caption={t('life.divisions')} rows={divisions.nodes} rowKey={(row) => row.id} empty={<Empty title={t('life.noDivisions')}>{t('life.noDivisionsText')}</Empty>}
          columns={[
            { key: 'date', head: t('life.divideDate'), cell: (row) => format.shortDate(row.date) },
            { key: 'state', head: t('common.state'), cell: (row) => <Chip tone={divisionTone[row.state]}>{t(`enum.DivisionState.${row.state}`)}</Chip> },
            { key: 'from', head: t('life.cameFrom'), cell: (row) => <Group gap="xs">{row.from.map(number)}</Group> },
            { key: 'to', head: t('life.wentTo'), cell: (row) => <Group gap="xs">{row.to.map((one) => <span key={one.account.id}>{number(one.account)} {one.share}</span>)}</Group> },
            {
              key: 'reason', head: t('corrections.reason'),
              cell: (row) => (
                <div>
                  {row.reason}<Text size="xs" c="dimmed"><Who by={row.proposedBy} /></Text>
                  {row.backReason && <Text size="xs">{t('life.backAsked')}: {row.backReason} <Text span size="xs" c="dimmed"><Who by={row.backAskedBy} /></Text></Text>}
                  {row.restMonth && <Text size="xs" fw={600}>{t('life.restMonth', { month: format.period(row.restMonth) })}</Text>}
                </div>
              ),
            },
            {
              key: 'decide', head: <span className="unseen">{t('common.acts')}</span>,
              cell: (row) => confirms && (row.state === 'WAITING' || row.state === 'RETURNING')
                ? <Decide busy={division.busy} decide={(agree) => void division.run({ id: row.id, agree }).then((done) => { if (done) refresh() })} />
                : can('ACCOUNT_WRITE') && row.state === 'DONE'
                  ? <DialogButton label={t('life.takeBack')} buttonSize="compact-xs">{(close) => <TakeBackForm id={row.id} close={close} refresh={refresh} />}</DialogButton>
                  : <Who by={row.backDecidedBy ?? row.decidedBy} />,
            },
          ]}
        />
      </Section>
    </Stack>
  )
}
