// The signed-in person: the password, the second factor, and where the login is open.
import { useState } from 'react'
import { Button, Stack, Text } from '@mantine/core'
import { Chip, Confirm, DataTable, Empty, PageHead, Problem, Refusals, Section, Waiting, useAct, useFormat, useLanguage, usePages, useSay } from '@aiscra/ui'
import { graphql, type SessionsQuery } from '../../gql'
import { useViewer } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { ChangePassword } from './password'
import { SecondFactor } from './second-factor'

const sessionsQuery = graphql(`
  query Sessions($user: ID, $after: String) {
    sessions(user: $user, first: 20, after: $after) {
      nodes { id address userAgent openedAt seenAt expiresAt current }
      pageInfo { hasNextPage endCursor }
    }
  }
`)
const revoke = graphql(`
  mutation SessionRevoke($input: SessionRevokeInput!) { sessionRevoke(input: $input) { revoked errors { code field message } } }
`)

type OpenSession = SessionsQuery['sessions']['nodes'][number]

/** "Chrome, Linux" out of what a browser says of itself. */
const browser = (agent: string | null | undefined): string => {
  if (!agent) return '—'
  const name = /(Edg|OPR|YaBrowser|Firefox|Chrome|Safari)\//.exec(agent)?.[1] ?? agent.split(' ')[0]!
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(agent)?.[1]
  const plain: Record<string, string> = { Edg: 'Edge', OPR: 'Opera', YaBrowser: 'Yandex' }
  return [plain[name] ?? name, system].filter(Boolean).join(', ')
}

/** Sessions of the viewer, or of a user for whoever manages users; any but this one can be ended. */
export function Sessions({ user }: { user?: string }) {
  const t = useT()
  const format = useFormat()
  const say = useSay()
  const pages = usePages(sessionsQuery, { user: user ?? null }, (data) => data.sessions)
  const act = useAct(revoke)
  const [asking, setAsking] = useState<OpenSession | null>(null)
  const end = async (session: OpenSession) => {
    if (await act.run({ id: session.id })) {
      say(t('access.sessionEnded'))
      pages.refresh()
    }
  }
  if (pages.error) return <Problem error={pages.error} retry={pages.refresh} />
  if (!pages.ready) return <Waiting />
  return (
    <Section flush title={t('access.sessions')}>
      <Refusals errors={act.errors} />
      <DataTable
        caption={t('access.sessions')} rows={pages.rows} rowKey={(row) => row.id} more={pages.more} empty={<Empty title={t('access.noSessions')} />}
        columns={[
          { key: 'what', head: t('access.browser'), cell: (row) => <div>{browser(row.userAgent)}<Text size="xs" c="dimmed" className="tab">{row.address ?? '—'}</Text></div> },
          { key: 'opened', head: t('access.openedAt'), cell: (row) => format.dateTime(row.openedAt) },
          { key: 'seen', head: t('access.seenAt'), cell: (row) => format.dateTime(row.seenAt) },
          {
            key: 'act', head: <span className="unseen">{t('common.acts')}</span>,
            cell: (row) => row.current
              ? <Chip tone="good">{t('access.thisSession')}</Chip>
              : <Button size="compact-sm" variant="default" disabled={act.busy} onClick={() => setAsking(row)}>{t('access.endSession')}</Button>,
          },
        ]}
      />
      <Confirm
        opened={asking !== null} danger title={t('access.endSessionTitle')} yes={t('access.endSession')} onClose={() => setAsking(null)}
        onYes={() => { if (asking) void end(asking) }}
      >
        {asking && <Text size="sm">{t('access.endSessionText', { browser: browser(asking.userAgent), moment: format.dateTime(asking.openedAt) })}</Text>}
      </Confirm>
    </Section>
  )
}

export function Profile() {
  const t = useT()
  const viewer = useViewer()
  const { language } = useLanguage()
  return (
    <>
      <PageHead title={viewer.name} lead={[viewer.login, ...viewer.roleNames.map((name) => name[language])].join(' · ')} />
      <Stack>
        <ChangePassword login={viewer.login} />
        <SecondFactor />
        <Sessions />
      </Stack>
      <Text size="xs" c="dimmed" mt="md">{t('access.foot')}</Text>
    </>
  )
}
