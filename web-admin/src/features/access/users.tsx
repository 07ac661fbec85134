import { useState } from 'react'
import { Button, Group, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useQuery } from 'urql'
import {
  ChecksField, Chip, ChoiceField, Confirm, PagedTable, DialogButton, Empty, FieldRow, FormView, IconPlus, PageHead, Problem, Refusals, Section, SwitchField, TextField,
  useAct, useFinish, useForm, useFormat, useLanguage, usePages, useSay, type Choice,
} from '@aiscra/ui'
import { graphql, type Language, type Sector, type UsersQuery } from '../../gql'
import { useCan, useViewer } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { DocumentField } from '../archive/document-field'
import { ResetPassword } from './password'
import { Sessions } from './profile'
import { Roles } from './roles'

const query = graphql(`
  query Users($after: String) {
    users(first: 50, after: $after) {
      nodes { id login name active roles sectors districts { id name { kk ru en } } lockedUntil oneTimePasswordUntil version }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

const rolesQuery = graphql(`
  query Roles { roles { code name { kk ru en } } districts { id name { kk ru en } } }
`)

const create = graphql(`
  mutation UserCreate($input: UserCreateInput!) { userCreate(input: $input) { user { id login } errors { code field message } } }
`)
const update = graphql(`
  mutation UserUpdate($input: UserUpdateInput!) {
    userUpdate(input: $input) { user { id name active roles sectors districts { id } version } errors { code field message } }
  }
`)
const unlock = graphql(`
  mutation UserUnlock($input: UserUnlockInput!) { userUnlock(input: $input) { user { id lockedUntil version } errors { code field message } } }
`)

const resetFactor = graphql(`
  mutation SecondFactorReset($input: SecondFactorResetInput!) { secondFactorReset(input: $input) { removed errors { code field message } } }
`)

type User = UsersQuery['users']['nodes'][number]
const sectors: Sector[] = ['MULTI', 'PRIVATE', 'LEGAL']

interface Choices {
  roles: Choice[]
  districts: Choice[]
}

/** What a user sees and may do: the same fields for a new one and for a change. */
function Scopes({ choices }: { choices: Choices }) {
  const t = useT()
  return (
    <>
      <ChecksField name="roles" label={t('access.roles')} choices={choices.roles} />
      <ChecksField name="sectors" label={t('access.sectors')} hint={t('access.scopeHint')} choices={sectors.map((value) => ({ value, label: t(`enum.Sector.${value}`) }))} />
      <ChecksField name="districts" label={t('access.districts')} hint={t('access.scopeHint')} choices={choices.districts} />
    </>
  )
}

function CreateForm({ choices, close, done }: { choices: Choices; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const act = useAct(create)
  const form = useForm({
    act,
    start: { login: '', name: '', password: '', language: 'RU', roles: [] as string[], sectors: [] as string[], districts: [] as string[], document: null },
    input: (read, values) => ({
      login: read.text('login'), name: read.text('name'), password: read.text('password'), language: values.language as Language,
      roles: read.some('roles'), sectors: [...values.sectors] as Sector[], districts: [...values.districts], documentId: read.pickedOrNull('document'),
    }),
    done: (payload) => finish(t('access.created', { login: payload.user?.login ?? '' })),
  })
  return (
    <FormView form={form} submit={t('access.create')} cancel={close}>
      <FieldRow>
        <TextField name="login" label={t('access.login')} hint={t('access.loginHint')} required />
        <TextField name="name" label={t('access.name')} required />
      </FieldRow>
      <FieldRow>
        <TextField name="password" label={t('access.firstPassword')} hint={t('access.firstPasswordHint')} kind="password" required />
        <ChoiceField
          name="language" label={t('access.language')}
          choices={[{ value: 'KK', label: 'Қазақша' }, { value: 'RU', label: 'Русский' }, { value: 'EN', label: 'English' }]}
        />
      </FieldRow>
      <Scopes choices={choices} />
      <DocumentField name="document" />
    </FormView>
  )
}

function EditForm({ user, choices, close, refresh }: { user: User; choices: Choices; close: () => void; refresh: () => void }) {
  const t = useT()
  const finish = useFinish(close, refresh)
  const act = useAct(update)
  const form = useForm({
    act,
    start: { name: user.name, active: user.active, roles: user.roles as string[], sectors: user.sectors as string[], districts: user.districts.map((one) => one.id) },
    input: (read, values) => ({
      id: user.id, expectedVersion: user.version, name: read.text('name'), active: values.active, roles: read.some('roles'),
      sectors: [...values.sectors] as Sector[], districts: [...values.districts],
    }),
    done: () => finish(t('access.saved', { login: user.login })),
  })
  const off = user.active && !form.values.active
  return (
    <FormView
      form={form} submit={t('common.save')} cancel={close} refresh={refresh}
      {...(off ? { danger: true, check: () => t('access.disableText', { login: user.login }) } : {})}
    >
      <TextField name="name" label={t('access.name')} required />
      <SwitchField name="active" label={t('access.mayEnter')} />
      <Scopes choices={choices} />
      <Access user={user} refresh={refresh} />
    </FormView>
  )
}

/** Where the user is signed in, a forgotten password and a lost phone. */
function Access({ user, refresh }: { user: User; refresh: () => void }) {
  const t = useT()
  const viewer = useViewer()
  const say = useSay()
  const act = useAct(resetFactor)
  const [asking, setAsking] = useState(false)
  // A reset ends the sessions: they are asked for anew.
  const [resets, setResets] = useState(0)
  const reset = async () => {
    if (await act.run({ id: user.id })) say(t('access.factorReset', { login: user.login }))
  }
  return (
    <Stack gap="xs">
      <Sessions key={resets} user={user.id} />
      <Group gap="xs">
        {user.login !== viewer.login && user.active && <ResetPassword user={user} done={() => { setResets(resets + 1); refresh() }} />}
        <Button size="compact-sm" variant="default" loading={act.busy} onClick={() => setAsking(true)}>{t('access.resetFactor')}</Button>
      </Group>
      <Refusals errors={act.errors} />
      <Confirm opened={asking} danger title={t('access.resetFactor')} yes={t('access.resetFactor')} onYes={() => void reset()} onClose={() => setAsking(false)}>
        <Text size="sm">{t('access.resetFactorText', { login: user.login })}</Text>
      </Confirm>
    </Stack>
  )
}

export function Users() {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const { language } = useLanguage()
  const say = useSay()
  const [roles] = useQuery({ query: rolesQuery, requestPolicy: 'cache-first' })
  const choices: Choices = {
    // Subscribers and integrations come in by doors of their own.
    roles: (roles.data?.roles ?? []).filter((one) => one.code !== 'subscriber' && one.code !== 'integration').map((one) => ({ value: one.code, label: one.name[language] })),
    districts: (roles.data?.districts ?? []).map((one) => ({ value: one.id, label: one.name[language] })),
  }
  const names = new Map(choices.roles.map((one) => [one.value, one.label]))
  const pages = usePages(query, {}, (data) => data.users)
  const unlocking = useAct(unlock)
  const open = async (user: User) => {
    if (await unlocking.run({ id: user.id })) {
      say(t('access.unlocked', { login: user.login }))
      pages.refresh()
    }
  }
  return (
    <>
      <PageHead title={t('nav.users')} lead={t('access.usersLead')}>
        <Link className="row-link" to="/users/clients">{t('clients.title')}</Link>
        {can('USER_WRITE') && (
          <DialogButton label={t('access.newUser')} variant="filled" size="xl" icon={<IconPlus size={16} />}>
            {(close) => <CreateForm choices={choices} close={close} done={pages.refresh} />}
          </DialogButton>
        )}
      </PageHead>
      <Stack>
        <Refusals errors={unlocking.errors} />
        {unlocking.broken && <Problem error={unlocking.broken} />}
        <Section flush title={t('access.staff')}>
          <PagedTable
            caption={t('nav.users')} pages={pages} rowKey={(row) => row.id}
            empty={<Empty title={t('access.noUsers')} />}
            columns={[
              { key: 'login', head: t('access.login'), cell: (row) => row.login },
              { key: 'name', head: t('access.name'), cell: (row) => row.name },
              { key: 'roles', head: t('access.roles'), cell: (row) => row.roles.map((code) => names.get(code) ?? code).join(', ') },
              {
                key: 'scope', head: t('access.sees'),
                cell: (row) => [...row.sectors.map((one) => t(`enum.Sector.${one}`)), ...row.districts.map((one) => one.name[language])].join(', ') || t('access.allSectors'),
              },
              {
                key: 'state', head: t('common.state'),
                cell: (row) =>
                  !row.active ? <Chip tone="plain">{t('access.disabled')}</Chip>
                  : row.lockedUntil ? <Chip tone="warn">{t('access.lockedUntil', { moment: format.dateTime(row.lockedUntil) })}</Chip>
                  : row.oneTimePasswordUntil ? <Chip tone="warn">{t(new Date(row.oneTimePasswordUntil) > new Date() ? 'access.oneTimeUntil' : 'access.oneTimeOver', { moment: format.dateTime(row.oneTimePasswordUntil) })}</Chip>
                  : <Chip tone="good">{t('access.active')}</Chip>,
              },
              ...(can('USER_WRITE')
                ? [{
                    key: 'act', head: <span className="unseen">{t('common.acts')}</span>,
                    cell: (row: User) => (
                      <Group gap={6} wrap="nowrap" justify="flex-end">
                        {row.lockedUntil && <Button size="compact-sm" variant="default" onClick={() => void open(row)}>{t('access.unlock')}</Button>}
                        <DialogButton label={t('common.change')} title={row.login} buttonSize="compact-sm" size="xl">
                          {(close) => <EditForm user={row} choices={choices} close={close} refresh={pages.refresh} />}
                        </DialogButton>
                      </Group>
                    ),
                  }]
                : []),
            ]}
          />
        </Section>
        <Roles />
      </Stack>
    </>
  )
}
