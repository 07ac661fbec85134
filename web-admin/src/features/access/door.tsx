// The page before the office: who signs in, and who must change the password first.
import type { ReactNode } from 'react'
import { Center, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { LanguageSwitch, Mark, SchemeSwitch, useTitle } from '@aiscra/ui'
import { useT } from '../../lib/i18n'

export function Door({ title, lead, foot, children }: { title: string; lead: ReactNode; foot?: ReactNode; children: ReactNode }) {
  const t = useT()
  useTitle(title)
  return (
    <Center mih="100dvh" p="md" component="main">
      <Stack w="100%" maw={380} gap="md">
        <Group justify="space-between">
          <Group gap={10}><Mark size={34} /><Text fw={700} fz="lg">АИСЦРА</Text></Group>
          <Group gap={4} wrap="nowrap"><LanguageSwitch /><SchemeSwitch /></Group>
        </Group>
        <Paper withBorder p="xl" radius="lg" shadow="sm">
          <Stack>
            <div>
              <Title order={1} fz={22}>{title}</Title>
              <Text size="sm" c="dimmed">{lead}</Text>
            </div>
            {children}
          </Stack>
        </Paper>
        {foot}
        <Text size="xs" c="dimmed" ta="center">{t('access.foot')}</Text>
      </Stack>
    </Center>
  )
}
