import { useEffect, useState, type ReactNode } from 'react'
import { Alert, Badge, Button, Center, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import type { CombinedError } from 'urql'
import { useProblem } from './errors'
import { useUi } from './i18n'
import { IconAlert } from './icons'

/** Grey lines, shown only when the answer takes longer than 150 ms. */
export function Waiting({ lines = 4 }: { lines?: number }) {
  const t = useUi()
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 150)
    return () => clearTimeout(timer)
  }, [])
  if (!late) return null
  return (
    <Stack gap="sm" role="status" aria-label={t('ui.loading')}>
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} height={18} width={line % 3 === 2 ? '60%' : '100%'} />
      ))}
    </Stack>
  )
}

/** Why there is nothing here, and what to do next; `page`: on the whole page, whose heading it is then. */
export function Empty({ title, children, action, page = false }: { title: string; children?: ReactNode; action?: ReactNode; page?: boolean }) {
  return (
    <Center py="xl" px="md">
      <Stack gap={6} align="center" maw={440}>
        {page ? <Title order={1} size="md">{title}</Title> : <Text fw={600}>{title}</Text>}
        {children && <Text c="dimmed" size="sm" ta="center">{children}</Text>}
        {action}
      </Stack>
    </Center>
  )
}

export function Problem({ error, retry }: { error: CombinedError; retry?: () => void }) {
  const t = useUi()
  const problem = useProblem()
  // What is refused by right is refused again: there is nothing to try once more.
  const denied = error.graphQLErrors[0]?.extensions?.code === 'FORBIDDEN'
  return (
    <Alert color="red" variant="light" role="alert" icon={<IconAlert />} title={t('ui.problem.title')}>
      <Group justify="space-between" align="center">
        <Text size="sm">{problem(error)}</Text>
        {retry && !denied && <Button size="xs" variant="default" onClick={retry}>{t('ui.retry')}</Button>}
      </Group>
    </Alert>
  )
}

/** One query on the screen: waiting, broken, or its data. Data once seen stays visible while newer is fetched. */
export function Answer<Data>({
  result, retry, lines, children,
}: {
  result: { data?: Data | undefined; fetching: boolean; error?: CombinedError | undefined }
  retry?: () => void
  lines?: number
  children: (data: Data) => ReactNode
}) {
  if (result.data) return <>{children(result.data)}</>
  if (result.error) return <Problem error={result.error} {...(retry ? { retry } : {})} />
  return <Waiting {...(lines ? { lines } : {})} />
}

export type Tone = 'good' | 'warn' | 'bad' | 'plain' | 'busy'
/** A status in words; the colour only repeats them. `long`: a sentence, which takes more lines where the screen is narrow. */
export function Chip({ tone, long, children }: { tone: Tone; long?: boolean; children: ReactNode }) {
  return (
    <Badge
      c={`var(--${tone})`} bg={`var(--${tone}-ground)`} tt="none" fw={600}
      styles={long ? { root: { height: 'auto', minHeight: 'var(--badge-height)' }, label: { overflow: 'visible', whiteSpace: 'normal' } } : { label: { overflow: 'visible' } }}
    >
      {children}
    </Badge>
  )
}

/** The tab of the browser and a screen reader name the page. */
export function useTitle(title: string) {
  useEffect(() => {
    document.title = `${title} · АИСЦРА`
  }, [title])
}

export function PageHead({ title, lead, children }: { title: string; lead?: ReactNode; children?: ReactNode }) {
  useTitle(title)
  return (
    <Group justify="space-between" align="flex-start" mb="md" gap="sm">
      <div style={{ flex: '1 1 320px' }}>
        <Title order={1} fz={24} lh={1.3}>{title}</Title>
        {lead && <Text c="dimmed" size="sm" component="div">{lead}</Text>}
      </div>
      {children && <Group gap="xs" maw="100%">{children}</Group>}
    </Group>
  )
}
