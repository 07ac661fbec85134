import { Table } from '@mantine/core'
import { useFormat } from '@aiscra/ui'
import type { Component, Service } from '../../gql'
import { useT } from '../../lib/i18n'

interface Allocation {
  amount: string
  openItem: { id: string; service?: Service | null; component?: Component | null; origin: string }
}

/** Parts of open items, each with its sum. `shown`: what they are, above them. */
export function Allocations({ rows, label, shown }: { rows: readonly Allocation[]; label?: string; shown?: boolean }) {
  const t = useT()
  const format = useFormat()
  const title = label ?? t('payments.allocation')
  const what = ({ service, component }: Allocation['openItem']) =>
    service ? `${t(`enum.Service.${service}`)}${component && component !== 'CHARGE' ? ` (${t(`enum.Component.${component}`).toLocaleLowerCase(format.language)})` : ''}`
    : component ? t(`enum.Component.${component}`) : t('ledger.advance')
  return (
    <Table withRowBorders={false} verticalSpacing={2} horizontalSpacing="xs" fz="xs" aria-label={title} {...(shown ? { captionSide: 'top' as const } : {})}>
      {shown && <caption style={{ textAlign: 'start', marginTop: 0 }}>{title}</caption>}
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={row.openItem.id}>
            <Table.Td>{format.period(row.openItem.origin)}</Table.Td>
            <Table.Td>{what(row.openItem)}</Table.Td>
            <Table.Td className="num">{format.money(row.amount)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
