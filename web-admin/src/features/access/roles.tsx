// Roles and what they allow. A change is proposed by one person and decided by another.
import { Button, Group, Stack, Text } from '@mantine/core'
import { useQuery } from 'urql'
import {
  Answer, ChecksField, Chip, DataTable, DialogButton, Empty, FieldRow, FormView, IconPlus, Problem, Refusals, Section, TextField, useAct, useFinish, useForm, useFormat, useLanguage, usePages, useSay,
  type Language, type Picked, type Tone,
} from '@aiscra/ui'
import { graphql, type Permission, type RoleChangeState, type RolesOfficeQuery } from '../../gql'
import { useCan, useViewer } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { Who } from '../../lib/who'
import { DocumentField } from '../archive/document-field'

const query = graphql(`
  query RolesOffice { roles { code name { kk ru en } permissions standard } }
`)
const changesQuery = graphql(`
  query RoleChanges($after: String) {
    roleChanges(first: 20, after: $after) {
      nodes { id role name { kk ru en } state added removed reason proposedBy proposedAt decidedBy decidedAt }
      pageInfo { hasNextPage endCursor }
    }
  }
`)
const propose = graphql(`
  mutation RoleChangePropose($input: RoleChangeProposeInput!) { roleChangePropose(input: $input) { roleChange { id } errors { code field message } } }
`)
const decide = graphql(`
  mutation RoleChangeDecide($input: RoleChangeDecideInput!) { roleChangeDecide(input: $input) { roleChange { id state decidedBy } errors { code field message } } }
`)

type Role = RolesOfficeQuery['roles'][number]
const tone: Record<RoleChangeState, Tone> = { PROPOSED: 'warn', APPROVED: 'good', REJECTED: 'plain' }

export function Roles() {
  const t = useT()
  const { language } = useLanguage()
  const can = useCan()
  const [result, refetch] = useQuery({ query })
  const pages = usePages(changesQuery, {}, (data) => data.roleChanges)
  const again = () => {
    refetch({ requestPolicy: 'network-only' })
    pages.refresh()
  }
  // Every right that some role has.
  const all = [...new Set((result.data?.roles ?? []).flatMap((role) => role.permissions))].toSorted()
  const names = new Map((result.data?.roles ?? []).map((role) => [role.code, role.name[language]]))
  return (
    <>
      {pages.rows.length > 0 && (
        <Section flush title={t('access.roleChanges')}>
          <Changes pages={pages} names={names} done={again} />
        </Section>
      )}
      <Section
        flush title={t('access.roles')}
        side={can('USER_WRITE') && (
          <DialogButton label={t('access.newRole')} buttonSize="compact-sm" size="xl" icon={<IconPlus size={14} />}>
            {(close) => <ProposeForm all={all} close={close} done={again} />}
          </DialogButton>
        )}
      >
        <Answer result={result} retry={again}>
          {(data) => (
            <DataTable
              caption={t('access.roles')} rows={data.roles} rowKey={(row) => row.code} empty={null}
              columns={[
                { key: 'name', head: t('access.role'), width: 220, cell: (row) => <b>{row.name[language]}</b> },
                { key: 'rights', head: t('access.rights'), cell: (row) => <Text size="sm">{row.permissions.map((one) => t(`enum.Permission.${one}`)).join(' · ')}</Text> },
                ...(can('USER_WRITE')
                  ? [{
                      key: 'act', head: <span className="unseen">{t('common.acts')}</span>,
                      cell: (row: Role) => (
                        <DialogButton label={t('common.change')} title={row.name[language]} buttonSize="compact-sm" size="xl">
                          {(close) => <ProposeForm role={row} all={all} close={close} done={again} />}
                        </DialogButton>
                      ),
                    }]
                  : []),
              ]}
            />
          )}
        </Answer>
      </Section>
    </>
  )
}

function Changes({ pages, names, done }: { pages: ReturnType<typeof usePages<object, object, RoleChangeRow>>; names: Map<string, string>; done: () => void }) {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const viewer = useViewer()
  const { language } = useLanguage()
  const say = useSay()
  const act = useAct(decide)
  const settle = async (id: string, approve: boolean) => {
    if (await act.run({ id, approve })) {
      say(approve ? t('access.roleApproved') : t('access.roleRejected'))
      done()
    }
  }
  const rights = (list: readonly Permission[]) => list.map((one) => t(`enum.Permission.${one}`)).join(' · ')
  return (
    <>
      <Refusals errors={act.errors} />
      {act.broken && <Problem error={act.broken} />}
      <DataTable
        caption={t('access.roleChanges')} rows={pages.rows} rowKey={(row) => row.id} more={pages.more} empty={<Empty title={t('access.roleChanges')} />}
        columns={[
          { key: 'role', head: t('access.role'), cell: (row) => <div><b>{row.name?.[language] ?? names.get(row.role) ?? row.role}</b><Text size="xs" c="dimmed">{row.reason}</Text></div> },
          {
            key: 'what', head: t('access.roleWhat'),
            cell: (row) => (
              <Stack gap={2}>
                {row.added.length > 0 && <Text size="sm"><Text span fw={600} c="var(--good)">+ </Text>{rights(row.added)}</Text>}
                {row.removed.length > 0 && <Text size="sm"><Text span fw={600} c="var(--bad)">{'\u2212'} </Text>{rights(row.removed)}</Text>}
              </Stack>
            ),
          },
          { key: 'who', head: t('access.roleBy'), cell: (row) => <div><Who by={row.proposedBy} /><Text size="xs" c="dimmed">{format.dateTime(row.proposedAt)}</Text></div> },
          {
            key: 'state', head: t('common.state'),
            cell: (row) => row.state !== 'PROPOSED' ? <div><Chip tone={tone[row.state]}>{t(`enum.RoleChangeState.${row.state}`)}</Chip><Text size="xs" c="dimmed"><Who by={row.decidedBy} /></Text></div>
              : !can('USER_WRITE') || row.proposedBy === viewer.login ? <Chip tone="warn">{t('tariffs.waitsForOther')}</Chip>
              : (
                <Group gap={6} wrap="nowrap">
                  <Button size="compact-sm" variant="default" disabled={act.busy} onClick={() => void settle(row.id, true)}>{t('tariffs.confirm')}</Button>
                  <Button size="compact-sm" variant="default" disabled={act.busy} onClick={() => void settle(row.id, false)}>{t('readings.reject')}</Button>
                </Group>
              ),
          },
        ]}
      />
    </>
  )
}

interface RoleChangeRow {
  id: string
  role: string
  name?: Record<Language, string> | null
  state: RoleChangeState
  added: Permission[]
  removed: Permission[]
  reason: string
  proposedBy: string
  proposedAt: string
  decidedBy?: string | null
}

/** Of a role that is there, or of a new one. The program names its own roles in every language; others are named by the office. */
function ProposeForm({ role, all, close, done }: { role?: Role; all: readonly Permission[]; close: () => void; done: () => void }) {
  const t = useT()
  const finish = useFinish(close, done)
  const before = role?.permissions ?? []
  const named = !role?.standard
  const form = useForm({
    act: useAct(propose),
    start: {
      code: role?.code ?? '', kk: role?.name.kk ?? '', ru: role?.name.ru ?? '', en: role?.name.en ?? '',
      permissions: before as string[], reason: '', document: null as Picked | null,
    },
    input: (read) => ({
      role: role?.code ?? read.text('code'),
      ...(named ? { name: { kk: read.text('kk'), ru: read.text('ru'), en: read.text('en') } } : {}),
      permissions: read.some('permissions') as Permission[], reason: read.text('reason'), documentId: read.pickedOrNull('document'),
    }),
    done: () => finish(t('access.roleProposed')),
  })
  const chosen = form.values.permissions
  const added = all.filter((one) => chosen.includes(one) && !before.includes(one))
  const removed = before.filter((one) => !chosen.includes(one))
  return (
    <FormView
      form={form} submit={t('tariffs.propose')} cancel={close}
      check={() => (
        <Stack gap={4}>
          <Text size="sm">{t('access.roleCheck')}</Text>
          {added.map((one) => <Text key={one} size="sm" c="var(--good)">+ {t(`enum.Permission.${one}`)}</Text>)}
          {removed.map((one) => <Text key={one} size="sm" c="var(--bad)">{'\u2212'} {t(`enum.Permission.${one}`)}</Text>)}
        </Stack>
      )}
    >
      {!role && <TextField name="code" label={t('access.roleCode')} hint={t('access.roleCodeHint')} required />}
      {named && (
        <FieldRow>
          <TextField name="kk" label={t('access.roleNameKk')} required />
          <TextField name="ru" label={t('access.roleNameRu')} required />
          <TextField name="en" label={t('access.roleNameEn')} required />
        </FieldRow>
      )}
      <ChecksField name="permissions" label={t('access.rights')} choices={all.map((value) => ({ value, label: t(`enum.Permission.${value}`) }))} />
      <TextField name="reason" label={t('access.roleReason')} kind="long" required />
      <DocumentField name="document" />
    </FormView>
  )
}
