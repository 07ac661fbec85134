import { Fragment, useId, useState } from 'react'
import { Button, Group, Paper, Stack, Table, Text } from '@mantine/core'
import { Chip, ExplainTree, IconCheck, sign, useFormat, type Explained } from '@aiscra/ui'
import type { Basis, Component, Service } from '../../gql'
import { useT } from '../../lib/i18n'

export interface ExplainedLine {
  line: {
    service: Service; component: Component; basis: Basis; from: string; to: string; volume: string; price: string
    coefficient: string; vatRate: string; net: string; vat: string; gross: string
  }
  equal: boolean
  tree: Explained
}

/** Did the rule, run again on the kept facts, give the same tiyn? */
export function EqualityMark({ equal }: { equal: boolean }) {
  const t = useT()
  return equal
    ? <Chip tone="good"><Group gap={4} wrap="nowrap" component="span"><IconCheck size={13} strokeWidth={2.6} />{t('billing.equal')}</Group></Chip>
    : <Chip tone="bad">{t('billing.unequal')}</Chip>
}

/** Lines of a bill; each opens into the tree of how its amount came about. */
export function ExplainedLines({ lines }: { lines: readonly ExplainedLine[] }) {
  const t = useT()
  return (
    <Stack gap="sm">
      <Text component="h2" fw={600} fz="md">{t('billing.linesTitle')}</Text>
      {lines.map((one, index) => <Line key={index} one={one} startOpen={lines.length === 1} />)}
      {lines.length === 0 && <Text c="dimmed" size="sm">{t('billing.noLines')}</Text>}
    </Stack>
  )
}

function Line({ one, startOpen }: { one: ExplainedLine; startOpen: boolean }) {
  const t = useT()
  const format = useFormat()
  const [open, setOpen] = useState(startOpen)
  const id = useId()
  const { line } = one
  const facts: [string, string][] = [
    [t('billing.days'), `${format.shortDate(line.from)} – ${format.shortDate(line.to)}`],
    [t('billing.volume'), format.volume(line.volume)],
    [t('billing.price'), `${format.price(line.price)}${Number(line.coefficient) === 1 ? '' : ` × ${format.decimal(line.coefficient)}`}`],
    [t('billing.net'), format.money(line.net)],
    [t('billing.vat', { rate: format.percent(line.vatRate) }), format.money(line.vat)],
  ]
  return (
    <Paper withBorder p="md" component="section" aria-label={`${t(`enum.Service.${line.service}`)}, ${format.shortDate(line.from)} – ${format.shortDate(line.to)}`}>
      <Group justify="space-between" align="flex-start" gap="sm">
        <div>
          <Group gap="xs">
            <Text fw={650} component="h3" fz="md">{t(`enum.Service.${line.service}`)}</Text>
            <Chip tone="plain">{t(`enum.Basis.${line.basis}`)}</Chip>
            {line.component !== 'CHARGE' && <Chip tone="plain">{t(`enum.Component.${line.component}`)}</Chip>}
          </Group>
          <Group gap="lg" mt={6}>
            {facts.map(([label, value]) => (
              <div key={label}>
                <Text size="xs" c="dimmed">{label}</Text>
                <Text size="sm" className="tab">{value}</Text>
              </div>
            ))}
          </Group>
        </div>
        <Stack gap={6} align="flex-end">
          <Text fw={700} fz="xl" className="tab" data-testid="gross">{format.money(line.gross)}</Text>
          <Group gap="xs">
            <EqualityMark equal={one.equal} />
            <Button size="compact-sm" variant="light" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
              {open ? t('billing.hide') : t('billing.explain')}
            </Button>
          </Group>
        </Stack>
      </Group>
      <div id={id}>
        {open && <Paper bg="var(--sunken)" p="sm" mt="sm" radius="sm"><ExplainTree tree={one.tree} openTo={4} /></Paper>}
      </div>
    </Paper>
  )
}

/** opening + charged − paid = closing, as an equation in a table. */
export function BillSum({ bill }: { bill: { opening: string; charged: string; corrected: string; paid: string; closing: string } }) {
  const t = useT()
  const format = useFormat()
  const rows: [string, string][] = [
    [t('billing.opening'), format.money(bill.opening)],
    [t('billing.charged'), format.money(bill.charged)],
    ...(sign(bill.corrected) === 0 ? [] : [[t('billing.corrected'), format.money(bill.corrected)] satisfies [string, string]]),
    [t('billing.paid'), format.money(bill.paid)],
  ]
  return (
    <Table withRowBorders={false} verticalSpacing={4} horizontalSpacing={0} maw={360}>
      <Table.Tbody>
        {rows.map(([label, value]) => (
          <Fragment key={label}>
            <Table.Tr><Table.Th scope="row" fw={400}>{label}</Table.Th><Table.Td className="num">{value}</Table.Td></Table.Tr>
          </Fragment>
        ))}
        <Table.Tr style={{ borderTop: '1px solid var(--line)' }}>
          <Table.Th scope="row">{t('billing.closing')}</Table.Th>
          <Table.Td className="num"><b>{format.money(bill.closing)}</b></Table.Td>
        </Table.Tr>
      </Table.Tbody>
    </Table>
  )
}
