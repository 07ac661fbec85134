import { Paper } from '@mantine/core'
import { useQuery } from 'urql'
import { Chip, DataTable, Empty, PageHead, Problem, Waiting, useFormat, useLanguage, usePages } from '@aiscra/ui'
import { graphql } from '../../gql'
import { useT } from '../../lib/i18n'

const query = graphql(`
  query Users($after: String) {
    users(first: 50, after: $after) {
      nodes { id login name active roles sectors lockedUntil }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

const rolesQuery = graphql(`
  query Roles { roles { code name { kk ru en } } }
`)

export function Users() {
  const t = useT()
  const format = useFormat()
  const { language } = useLanguage()
  const [roles] = useQuery({ query: rolesQuery, requestPolicy: 'cache-first' })
  const names = new Map(roles.data?.roles.map((role) => [role.code, role.name[language]]))
  const pages = usePages(query, {}, (data) => data.users)
  return (
    <>
      <PageHead title={t('nav.users')} lead={t('access.usersLead')} />
      {pages.error && <Problem error={pages.error} retry={pages.refresh} />}
      {!pages.ready && !pages.error ? <Waiting /> : (
        <Paper withBorder>
          <DataTable
            caption={t('nav.users')} rows={pages.rows} rowKey={(row) => row.id} more={pages.more}
            empty={<Empty title={t('access.noUsers')} />}
            columns={[
              { key: 'login', head: t('access.login'), cell: (row) => row.login },
              { key: 'name', head: t('access.name'), cell: (row) => row.name },
              { key: 'roles', head: t('access.roles'), cell: (row) => row.roles.map((code) => names.get(code) ?? code).join(', ') },
              { key: 'sectors', head: t('access.sectors'), cell: (row) => row.sectors.map((one) => t(`enum.Sector.${one}`)).join(', ') || t('access.allSectors') },
              {
                key: 'state', head: t('common.state'),
                cell: (row) =>
                  !row.active ? <Chip tone="plain">{t('access.disabled')}</Chip>
                  : row.lockedUntil ? <Chip tone="warn">{t('access.lockedUntil', { moment: format.dateTime(row.lockedUntil) })}</Chip>
                  : <Chip tone="good">{t('access.active')}</Chip>,
              },
            ]}
          />
        </Paper>
      )}
    </>
  )
}
