// Outside programs with tokens of their own: what each may do, until when; a token is shown once.
import { useState } from 'react'
import { Alert, Button, Code, CopyButton, Group, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useQuery } from 'urql'
import {
  ChecksField, Chip, Confirm, Dialog, DialogButton, Empty, FieldRow, FormView, IconBack, IconPlus, PageHead, PagedTable, Problem, Refusals, Section, TextField, useAct, useForm, useFormat,
  useLanguage, usePages, useSay, type Choice,
} from '@aiscra/ui'
import { graphql, type ClientsQuery, type Permission, type Sector } from '../../gql'
import { useCan, useToday } from '../../lib/can'
import { useT } from '../../lib/i18n'

const query = graphql(`
  query Clients($after: String) {
    clients(first: 50, after: $after) { nodes { id name permissions active expiresAt version } pageInfo { hasNextPage endCursor } }
  }
`)
const rightsQuery = graphql(`
  query ClientRights { roles { code permissions } districts { id name { kk ru en } } }
`)
const create = graphql(`
  mutation ClientCreate($input: ClientCreateInput!) { clientCreate(input: $input) { client { id name } token errors { code field message } } }
`)
const rotate = graphql(`
  mutation ClientRotate($input: ClientRotateInput!) { clientRotate(input: $input) { client { id version } token errors { code field message } } }
`)
const disable = graphql(`
  mutation ClientDisable($input: ClientDisableInput!) { clientDisable(input: $input) { client { id active version } errors { code field message } } }
`)

type Client = ClientsQuery['clients']['nodes'][number]
const sectors: Sector[] = ['MULTI', 'PRIVATE', 'LEGAL']
const over = (row: Client) => row.expiresAt != null && new Date(row.expiresAt) <= new Date()
interface Given {
  name: string
  token: string
}

export function Clients() {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const { language } = useLanguage()
  const pages = usePages(query, {}, (data) => data.clients)
  const [rights] = useQuery({ query: rightsQuery, requestPolicy: 'cache-first' })
  const [given, setGiven] = useState<Given | null>(null)
  // A token can be given no more than the role of programs.
  const allowed = rights.data?.roles.find((one) => one.code === 'integration')?.permissions ?? []
  const districts = (rights.data?.districts ?? []).map((one) => ({ value: one.id, label: one.name[language] }))
  return (
    <>
      <Link className="row-link" to="/users"><Group gap={2} component="span" display="inline-flex"><IconBack size={15} />{t('nav.users')}</Group></Link>
      <PageHead title={t('clients.title')} lead={t('clients.lead')}>
        {can('USER_WRITE') && (
          <DialogButton label={t('clients.new')} variant="filled" size="xl" icon={<IconPlus size={16} />}>
            {(close) => <CreateForm allowed={allowed} districts={districts} close={close} done={(one) => { close(); setGiven(one); pages.refresh() }} />}
          </DialogButton>
        )}
      </PageHead>
      <Section flush title={t('clients.register')}>
        <PagedTable
          caption={t('clients.register')} pages={pages} rowKey={(row) => row.id} empty={<Empty title={t('clients.none')}>{t('clients.noneText')}</Empty>}
          columns={[
            { key: 'name', head: t('clients.name'), cell: (row) => <b>{row.name}</b> },
            { key: 'rights', head: t('access.rights'), cell: (row) => <Text size="sm">{row.permissions.map((one) => t(`enum.Permission.${one}`)).join(' · ')}</Text> },
            {
              key: 'state', head: t('common.state'),
              cell: (row) => !row.active ? <Chip tone="plain">{t('clients.off')}</Chip>
                : over(row) ? <Chip tone="warn">{t('clients.over', { moment: format.dateTime(row.expiresAt!) })}</Chip>
                : <div><Chip tone="good">{t('clients.on')}</Chip>{row.expiresAt && <Text size="xs" c="dimmed">{t('clients.until', { moment: format.dateTime(row.expiresAt) })}</Text>}</div>,
            },
            ...(can('USER_WRITE')
              ? [{ key: 'acts', head: <span className="unseen">{t('common.acts')}</span>, cell: (row: Client) => row.active && <Acts client={row} give={setGiven} done={pages.refresh} /> }]
              : []),
          ]}
        />
      </Section>
      <Token given={given} close={() => setGiven(null)} />
    </>
  )
}

function Acts({ client, give, done }: { client: Client; give: (given: Given) => void; done: () => void }) {
  const t = useT()
  const say = useSay()
  const rotating = useAct(rotate)
  const ending = useAct(disable)
  const [asking, setAsking] = useState<'rotate' | 'disable' | null>(null)
  const yes = async () => {
    if (asking === 'rotate') {
      const payload = await rotating.run({ id: client.id })
      if (payload?.token) give({ name: client.name, token: payload.token })
    } else if (await ending.run({ id: client.id, expectedVersion: client.version })) {
      say(t('clients.ended', { name: client.name }))
    }
    // Also after a refusal: somebody else may have changed it meanwhile.
    done()
  }
  return (
    <Stack gap={4}>
      <Group gap={6} wrap="nowrap" justify="flex-end">
        <Button size="compact-sm" variant="default" loading={rotating.busy} onClick={() => setAsking('rotate')}>{t('clients.rotate')}</Button>
        <Button size="compact-sm" variant="default" loading={ending.busy} onClick={() => setAsking('disable')}>{t('clients.disable')}</Button>
      </Group>
      <Refusals errors={[...rotating.errors, ...ending.errors]} />
      {(rotating.broken ?? ending.broken) && <Problem error={(rotating.broken ?? ending.broken)!} />}
      <Confirm
        opened={asking !== null} danger={asking === 'disable'} title={client.name} yes={t(asking === 'rotate' ? 'clients.rotate' : 'clients.disable')}
        onYes={() => void yes()} onClose={() => setAsking(null)}
      >
        <Text size="sm">{t(asking === 'rotate' ? 'clients.rotateText' : 'clients.disableText', { name: client.name })}</Text>
      </Confirm>
    </Stack>
  )
}

function CreateForm({ allowed, districts, close, done }: { allowed: readonly Permission[]; districts: readonly Choice[]; close: () => void; done: (given: Given) => void }) {
  const t = useT()
  const today = useToday()
  const form = useForm({
    act: useAct(create),
    start: { name: '', permissions: [] as string[], sectors: [] as string[], districts: [] as string[], until: '' },
    input: (read, values) => {
      const until = read.optional('until')
      if (until && until < today) read.refuse('until', t('clients.untilPast'))
      return {
        name: read.text('name'), permissions: read.some('permissions') as Permission[], sectors: [...values.sectors] as Sector[], districts: [...values.districts],
        // To the end of the day in Almaty.
        expiresAt: until ? `${until}T23:59:59+05:00` : null,
      }
    },
    done: (payload) => {
      if (payload.client && payload.token) done({ name: payload.client.name, token: payload.token })
    },
  })
  return (
    <FormView form={form} submit={t('access.create')} cancel={close}>
      <FieldRow>
        <TextField name="name" label={t('clients.name')} hint={t('clients.nameHint')} required first />
        <TextField name="until" label={t('clients.validUntil')} hint={t('common.openEnd')} kind="date" />
      </FieldRow>
      <ChecksField name="permissions" label={t('access.rights')} hint={t('clients.rightsHint')} choices={allowed.map((value) => ({ value, label: t(`enum.Permission.${value}`) }))} />
      <ChecksField name="sectors" label={t('access.sectors')} hint={t('access.scopeHint')} choices={sectors.map((value) => ({ value, label: t(`enum.Sector.${value}`) }))} />
      <ChecksField name="districts" label={t('access.districts')} hint={t('access.scopeHint')} choices={districts} />
    </FormView>
  )
}

/** Kept nowhere: whoever closes this without copying it gives the program another one. */
function Token({ given, close }: { given: Given | null; close: () => void }) {
  const t = useT()
  return (
    <Dialog opened={given !== null} onClose={close} title={t('clients.tokenOf', { name: given?.name ?? '' })} size="lg" closeOnClickOutside={false}>
      {given && (
        <Stack gap="sm">
          <Alert color="yellow">{t('clients.tokenText')}</Alert>
          <Code block data-testid="client-token" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>{given.token}</Code>
          <Group justify="space-between">
            <CopyButton value={given.token}>
              {({ copied, copy }) => <Button variant="default" onClick={copy}>{copied ? t('access.copied') : t('access.copy')}</Button>}
            </CopyButton>
            <Button onClick={close}>{t('clients.tokenKept')}</Button>
          </Group>
        </Stack>
      )}
    </Dialog>
  )
}
