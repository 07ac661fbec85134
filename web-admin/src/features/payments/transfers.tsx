// Balances that move between accounts and accounts that are divided or joined: what waits for a second person, and what was decided.
import { Button, Group, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Chip, DataTable, Empty, Problem, Refusals, Section, Waiting, useAct, useFormat, type Tone } from '@aiscra/ui'
import { graphql, type DivisionState, type TransferState } from '../../gql'
import { useCan } from '../../lib/can'
import { useT } from '../../lib/i18n'

const query = graphql(`
  query TransfersAndDivisions($transfers: Boolean!) {
    transfers(first: 20) @include(if: $transfers) { nodes { id number state kind reason debt advance proposedBy decidedBy } }
    divisions(first: 20) {
      nodes { id state date reason proposedBy decidedBy from { id number } to { share account { id number } } }
    }
  }
`)
const decideTransfer = graphql(`
  mutation TransferDecide($input: TransferDecideInput!) { transferDecide(input: $input) { transfer { id state } errors { code field message } } }
`)
const decideDivision = graphql(`
  mutation DivisionDecide($input: DivisionDecideInput!) { divisionDecide(input: $input) { division { id state } errors { code field message } } }
`)

const transferTone: Record<TransferState, Tone> = { WAITING: 'warn', POSTED: 'good', DECLINED: 'plain', REVERSED: 'plain' }
const divisionTone: Record<DivisionState, Tone> = { WAITING: 'warn', DONE: 'good', DECLINED: 'plain' }

const number = (one: { id: string; number: string }) => <Link key={one.id} className="row-link tab" to="/accounts/$number" params={{ number: one.number }}>{one.number}</Link>

function Decide({ busy, decide }: { busy: boolean; decide: (agree: boolean) => void }) {
  const t = useT()
  return (
    <Group gap="xs" wrap="nowrap">
      <Button size="compact-xs" loading={busy} onClick={() => decide(true)}>{t('life.agree')}</Button>
      <Button size="compact-xs" variant="default" loading={busy} onClick={() => decide(false)}>{t('life.decline')}</Button>
    </Group>
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
        <Section flush title={t('life.transfer')}>
          <DataTable
            caption={t('life.transfer')} rows={transfers.nodes} rowKey={(row) => row.id} empty={<Empty title={t('life.noPending')} />}
            columns={[
              { key: 'number', head: t('corrections.number'), cell: (row) => <span className="tab">{`№ ${row.number}`}</span> },
              { key: 'state', head: t('common.state'), cell: (row) => <Chip tone={transferTone[row.state]}>{t(`enum.TransferState.${row.state}`)}</Chip> },
              { key: 'reason', head: t('corrections.reason'), cell: (row) => <div>{row.reason}<Text size="xs" c="dimmed">{row.proposedBy}</Text></div> },
              { key: 'debt', head: t('life.debtMoves'), numeric: true, cell: (row) => format.money(row.debt) },
              { key: 'advance', head: t('life.advanceMoves'), numeric: true, cell: (row) => format.money(row.advance) },
              {
                key: 'decide', head: <span className="unseen">{t('common.acts')}</span>,
                cell: (row) => confirms && row.state === 'WAITING'
                  ? <Decide busy={transfer.busy} decide={(agree) => void transfer.run({ id: row.id, agree }).then((done) => { if (done) refresh() })} /> : row.decidedBy,
              },
            ]}
          />
        </Section>
      )}
      <Section flush title={t('life.division')}>
        <DataTable
          caption={t('life.division')} rows={divisions.nodes} rowKey={(row) => row.id} empty={<Empty title={t('life.noPending')} />}
          columns={[
            { key: 'date', head: t('life.divideDate'), cell: (row) => format.shortDate(row.date) },
            { key: 'state', head: t('common.state'), cell: (row) => <Chip tone={divisionTone[row.state]}>{t(`enum.DivisionState.${row.state}`)}</Chip> },
            { key: 'from', head: t('life.cameFrom'), cell: (row) => <Group gap="xs">{row.from.map(number)}</Group> },
            { key: 'to', head: t('life.wentTo'), cell: (row) => <Group gap="xs">{row.to.map((one) => <span key={one.account.id}>{number(one.account)} {one.share}</span>)}</Group> },
            { key: 'reason', head: t('corrections.reason'), cell: (row) => <div>{row.reason}<Text size="xs" c="dimmed">{row.proposedBy}</Text></div> },
            {
              key: 'decide', head: <span className="unseen">{t('common.acts')}</span>,
              cell: (row) => confirms && row.state === 'WAITING'
                ? <Decide busy={division.busy} decide={(agree) => void division.run({ id: row.id, agree }).then((done) => { if (done) refresh() })} /> : row.decidedBy,
            },
          ]}
        />
      </Section>
    </Stack>
  )
}
