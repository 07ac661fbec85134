import type { ReactNode } from 'react'
import { Group, Paper, Text } from '@mantine/core'

export interface Figure {
  label: ReactNode
  value: ReactNode
  note?: ReactNode
}

/** Facts with their names, side by side as the width allows. */
export function Figures({ rows, large, least }: { rows: readonly (Figure | false | null | undefined)[]; large?: boolean; least?: number }) {
  return (
    <dl className="figures" {...(large ? { 'data-large': true } : {})} style={least ? ({ '--least': `${least}px` } as never) : {}}>
      {rows.map((row, index) => row && (
        <div key={index}>
          <dt>{row.label}</dt>
          <dd>{row.value}{row.note && <small>{row.note}</small>}</dd>
        </div>
      ))}
    </dl>
  )
}

/** A titled part of a page. `flush`: a table that brings its own space. */
export function Section({ title, side, flush, children }: { title: string; side?: ReactNode; flush?: boolean; children: ReactNode }) {
  return (
    <Paper withBorder component="section" aria-label={title} p={flush ? 0 : 'lg'}>
      <Group justify="space-between" gap="sm" {...(flush ? { p: 'md', pb: 4 } : { mb: 'sm' })}>
        <Text component="h2" fw={600} fz="md" m={0}>{title}</Text>
        {side && <Group gap="xs">{side}</Group>}
      </Group>
      {children}
    </Paper>
  )
}
