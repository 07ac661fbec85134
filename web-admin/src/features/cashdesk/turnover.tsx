// X of an open shift, Z of a closed one.
import { Table, Text } from '@mantine/core'
import { useFormat } from '@aiscra/ui'
import { useT } from '../../lib/i18n'
import { Wide, type Shift } from './parts'

const kinds = ['sales', 'voids', 'refunds', 'payIns', 'payOuts', 'collections', 'takenOver', 'handedOver', 'shortages', 'surpluses'] as const

export function Turnover({ shift }: { shift: Shift }) {
  const t = useT()
  const format = useFormat()
  const hidden = <Text span c="dimmed" size="sm">{t('cash.afterCount')}</Text>
  const rows = kinds.filter((kind) => shift.turnover[kind].count > 0)
  return (
    <>
      <Wide label={t(shift.closedAt ? 'cash.z' : 'cash.x')}><Table aria-label={t(shift.closedAt ? 'cash.z' : 'cash.x')}>
        <Table.Thead>
          <Table.Tr><Table.Th>{t('cash.operation')}</Table.Th><Table.Th className="num">{t('cash.pieces')}</Table.Th><Table.Th className="num">{t('cash.cash')}</Table.Th><Table.Th className="num">{t('cash.card')}</Table.Th></Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          <Table.Tr><Table.Td>{t('cash.opening')}</Table.Td><Table.Td /><Table.Td className="num">{format.money(shift.opening)}</Table.Td><Table.Td /></Table.Tr>
          {rows.map((kind) => {
            const sums = shift.turnover[kind]
            return (
              <Table.Tr key={kind}>
                <Table.Td>{t(`cash.turnover.${kind}`)}</Table.Td>
                <Table.Td className="num">{format.count(sums.count)}</Table.Td>
                <Table.Td className="num">{sums.cash === null || sums.cash === undefined ? hidden : format.money(sums.cash)}</Table.Td>
                <Table.Td className="num">{/[1-9]/.test(sums.card) ? format.money(sums.card) : ''}</Table.Td>
              </Table.Tr>
            )
          })}
          <Table.Tr className="totals"><Table.Td>{t('cash.expected')}</Table.Td><Table.Td /><Table.Td className="num">{shift.turnover.expected ? format.money(shift.turnover.expected) : hidden}</Table.Td><Table.Td /></Table.Tr>
        </Table.Tbody>
      </Table></Wide>
      {!shift.turnover.expected && <Text size="sm" c="dimmed" mt="xs">{t('cash.blindText')}</Text>}
    </>
  )
}
