// The signed-in person: where the login is open, and the second factor.
import { useState } from 'react'
import { Alert, Button, Code, Group, Stack, Text } from '@mantine/core'
import { Chip, Confirm, DataTable, Empty, FormView, PageHead, Problem, Refusals, Section, TextField, Waiting, useAct, useForm, useFormat, usePages, useSay } from '@aiscra/ui'
import { graphql, type SessionsQuery } from '../../gql'
import { useViewer } from '../../lib/can'
import { useT } from '../../lib/i18n'

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
const startFactor = graphql(`
  mutation SecondFactorStart { secondFactorStart { secret uri errors { code field message } } }
`)
const confirmFactor = graphql(`
  mutation SecondFactorConfirm($input: SecondFactorConfirmInput!) { secondFactorConfirm(input: $input) { recoveryCodes errors { code field message } } }
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
  return (
    <>
      <PageHead title={viewer.name} lead={viewer.login} />
      <Stack>
        <SecondFactor />
        <Sessions />
      </Stack>
      <Text size="xs" c="dimmed" mt="md">{t('access.foot')}</Text>
    </>
  )
}

function SecondFactor() {
  const t = useT()
  // This act takes no input: the document has no variables.
  const start = useAct(startFactor as never) as unknown as ReturnType<typeof useAct<{ x: { secret?: string | null; uri?: string | null } }, object>>
  const [secret, setSecret] = useState<{ secret: string; uri: string } | null>(null)
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const begin = async () => {
    const done = await start.run({})
    if (done?.secret && done.uri) setSecret({ secret: done.secret, uri: done.uri })
  }
  return (
    <Section title={t('access.factor')}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm" c="dimmed">{t('access.factorText')}</Text>
        <Refusals errors={start.errors} />
        {start.broken && <Problem error={start.broken} />}
        {codes ? (
          <Alert color="teal" title={t('access.factorOn')} w="100%">
            <Text size="sm" mb="xs">{t('access.recovery')}</Text>
            <Group gap="xs">{codes.map((code) => <Code key={code} fz="sm">{code}</Code>)}</Group>
          </Alert>
        ) : secret ? (
          <>
            <Text size="sm">{t('access.factorSecret')}</Text>
            <Code fz="md" style={{ letterSpacing: 1 }}>{secret.secret.replace(/(.{4})(?=.)/g, '$1 ')}</Code>
            <a className="row-link" href={secret.uri}>{t('access.factorOpen')}</a>
            <ConfirmFactor done={setCodes} />
          </>
        ) : <Button variant="default" loading={start.busy} onClick={() => void begin()}>{t('access.factorStart')}</Button>}
      </Stack>
    </Section>
  )
}

function ConfirmFactor({ done }: { done: (codes: readonly string[]) => void }) {
  const t = useT()
  const form = useForm({
    act: useAct(confirmFactor),
    start: { code: '' },
    input: (read) => ({ code: read.text('code') }),
    done: (payload) => done(payload.recoveryCodes ?? []),
  })
  return <FormView form={form} submit={t('access.factorConfirm')}><TextField name="code" label={t('access.code')} mode="numeric" complete="one-time-code" required /></FormView>
}
