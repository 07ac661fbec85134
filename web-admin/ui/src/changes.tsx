import { Stack, Table, Text } from '@mantine/core'
import { useUi } from './i18n'

export interface Changed {
  label: string
  from: string
  to: string
}

/** What an act changes, from what it is to what it will be, and the paper it rests on: read before it is sent. */
export function Changes({ title, rows, basis, note }: { title: string; rows: readonly Changed[]; basis?: string; note?: string }) {
  const t = useUi()
  return (
    <Stack gap="xs">
      <Text size="sm" fw={600}>{title}</Text>
      <Table withTableBorder fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col"><span className="unseen">{t('ui.changes.what')}</span></Table.Th>
            <Table.Th scope="col">{t('ui.changes.from')}</Table.Th>
            <Table.Th scope="col">{t('ui.changes.to')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.label}>
              <Table.Th scope="row" fw={400} c="dimmed">{row.label}</Table.Th>
              <Table.Td>{row.from}</Table.Td>
              <Table.Td fw={row.from === row.to ? 400 : 700}>{row.to}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {basis && <Text size="sm">{t('ui.changes.basis', { basis })}</Text>}
      {note && <Text size="sm" c="dimmed">{note}</Text>}
    </Stack>
  )
}
