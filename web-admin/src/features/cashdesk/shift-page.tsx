// One shift: X or Z, counts, orders, journal.
import { useCallback } from 'react'
import { Button, Group, Stack, Table, Text } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Answer, Chip, DialogButton, Empty, Figures, PageHead, Problem, Refusals, Section, useAct, useFormat, useSay } from '@aiscra/ui'
import { useCan, useViewer } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { useT } from '../../lib/i18n'
import { CloseShift } from './count'
import { shiftQuery, signMutation } from './graph'
import { Journal, Paper } from './journal'
import { FiscalChip, Wide, useName, type Shift } from './parts'
import { Turnover } from './turnover'
import './cash.css'

const route = getRouteApi('/desks/shifts/$id')

export function ShiftPage() {
  const t = useT()
  const { id } = route.useParams()
  const [result, ask] = useQuery({ query: shiftQuery, variables: { id }, requestPolicy: 'cache-and-network' })
  const again = useCallback(() => ask({ requestPolicy: 'network-only' }), [ask])
  return (
    <Answer result={result} retry={again}>
      {({ cashShift }) => cashShift ? <Shown shift={cashShift} again={again} /> : <Empty title={t('app.notFound')}>{t('app.notFoundText')}</Empty>}
    </Answer>
  )
}

function Shown({ shift, again }: { shift: Shift; again: () => void }) {
  const t = useT()
  const { actor } = useCodes()
  const format = useFormat()
  const can = useCan()
  const name = useName()
  return (
    <>
      <PageHead title={t('cash.shiftTitle', { number: shift.number, desk: `${shift.desk.code} · ${name(shift.desk.name)}` })} lead={actor(shift.cashier)}>
        {shift.paperPath && <Paper path={shift.paperPath} label={t('cash.z')} />}
        {!shift.closedAt && can('CASHDESK_OVERSEE') && <DialogButton label={t('cash.closeShift')} title={t('cash.closing')} size="xl">{(close) => <CloseShift shift={shift} again={again} close={close} />}</DialogButton>}
      </PageHead>
      <Stack>
        <Section title={t(shift.closedAt ? 'cash.z' : 'cash.x')}>
          <Figures
            rows={[
              { label: t('cash.openedAt'), value: format.dateTime(shift.openedAt) },
              { label: t('cash.closedAt'), value: shift.closedAt ? format.dateTime(shift.closedAt) : <Chip tone="good">{t('cash.isOpen')}</Chip> },
              shift.reason ? { label: t('cash.whyDifference'), value: shift.reason } : null,
              shift.fiscalZ ? { label: t('cash.fiscalZ'), value: <FiscalChip state={shift.fiscalZ.state} />, note: shift.fiscalZ.error } : null,
            ]}
          />
          <Turnover shift={shift} />
        </Section>
        <Counts shift={shift} again={again} />
        <Section title={t('cash.orders')} flush>
          {shift.orders.length === 0 ? <Text c="dimmed" size="sm" p="md">{t('cash.noOrders')}</Text> : (
            <Wide label={t('cash.orders')}><Table aria-label={t('cash.orders')}>
              <Table.Tbody>
                {shift.orders.map((order) => (
                  <Table.Tr key={order.id}>
                    <Table.Td>{t(`enum.CashOrderKind.${order.kind}`)}<Text size="xs" c="dimmed" className="tab">{order.number}</Text></Table.Td>
                    <Table.Td>{order.operation ? t(`enum.CashOperationKind.${order.operation}`) : t('cash.salesOfShift')}<Text size="xs" c="dimmed">{order.basis}</Text></Table.Td>
                    <Table.Td className="num"><b>{format.money(order.amount)}</b></Table.Td>
                    <Table.Td><Paper path={order.paperPath} label="PDF" /></Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table></Wide>
          )}
        </Section>
        <Section title={t('cash.journal')} flush><Journal operations={shift.operations.nodes} acts={false} deskId={shift.desk.id} done={again} /></Section>
      </Stack>
    </>
  )
}

function Counts({ shift, again }: { shift: Shift; again: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const say = useSay()
  const { login } = useViewer()
  const codes = useCodes()
  const act = useAct(signMutation)
  const sign = async (id: string) => {
    if (await act.run({ id })) say(t('cash.wasSigned'))
    again()
  }
  return (
    <Section title={t('cash.counts')} flush>
      <Refusals errors={act.errors} />
      {act.broken && <Problem error={act.broken} />}
      {shift.counts.length === 0 ? <Text c="dimmed" size="sm" p="md">{t('cash.noCounts')}</Text> : (
        <Wide label={t('cash.counts')}><Table aria-label={t('cash.counts')}>
          <Table.Tbody>
            {shift.counts.map((one) => (
              <Table.Tr key={one.id}>
                <Table.Td>{t(`enum.CashCountKind.${one.kind}`)}<Text size="xs" c="dimmed">{format.dateTime(one.countedAt)} · {codes.actor(one.countedBy)}</Text></Table.Td>
                <Table.Td><Text size="xs" c="dimmed">{one.rows.map((row) => `${format.decimal(row.value)} × ${row.pieces}`).join(', ')}</Text></Table.Td>
                <Table.Td className="num">{format.money(one.total)}{one.difference !== null && <Text size="xs" c={/[1-9]/.test(one.difference) ? 'var(--bad)' : 'dimmed'}>{/[1-9]/.test(one.difference) ? format.money(one.difference) : t('cash.even')}</Text>}</Table.Td>
                <Table.Td>
                  {one.witness ? <Chip tone="good">{t('cash.signedBy', { name: codes.actor(one.witness) })}</Chip>
                    : !shift.closedAt && one.countedBy !== login && (can('CASHDESK_OVERSEE') || can('CASHDESK_WORK'))
                      ? <Group><Button size="compact-sm" loading={act.busy} onClick={() => void sign(one.id)}>{t('cash.sign')}</Button></Group>
                      : <Chip tone="warn">{t('cash.notSigned')}</Chip>}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table></Wide>
      )}
    </Section>
  )
}
