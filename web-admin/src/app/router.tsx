import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import type {
  AccountSort, AccountStatus, AgeBucket, ClaimKind, ClaimState, CloseReportCode, CorrectionState, DayState, HouseState, ImbalanceOrder, ImportKind, LineState, MatchState, NoticeState, PlanState, Reason,
  RefundState, RowVerdict, Sector, SignatureState, SuspenseAge, SuspenseState,
} from '../gql'
import type { DesksTab } from '../features/cashdesk/office'
import { Home } from './home'
import { Layout } from './layout'
import { NotFound } from './not-found'

const text = (value: unknown): string | undefined => (typeof value === 'string' && value ? value : typeof value === 'number' ? String(value) : undefined)
/** Keeps only what is there, so that an empty filter leaves no trace in the address. */
const kept = <T extends object>(search: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined && value !== false)) as never

const root = createRootRoute({ component: Layout, notFoundComponent: NotFound })

const home = createRoute({ getParentRoute: () => root, path: '/', component: Home })

export const picture = createRoute({
  getParentRoute: () => root,
  path: '/picture',
  validateSearch: (search: Record<string, unknown>) =>
    kept({ period: text(search.period), sector: text(search.sector) as Sector | undefined, wall: search.wall === true ? (true as const) : undefined }),
  component: lazyRouteComponent(() => import('../features/stats/picture'), 'PicturePage'),
})

export const accounts = createRoute({
  getParentRoute: () => root,
  path: '/accounts',
  validateSearch: (search: Record<string, unknown>) =>
    kept({
      search: text(search.search),
      sector: text(search.sector) as Sector | undefined,
      district: text(search.district),
      status: text(search.status) as AccountStatus | undefined,
      sort: text(search.sort) as AccountSort | undefined,
      debtors: search.debtors === true ? true : undefined,
      credit: search.credit === true ? true : undefined,
      staff: search.staff === true ? true : undefined,
    }),
  component: lazyRouteComponent(() => import('../features/subscribers/accounts'), 'Accounts'),
})

export type AccountTab = 'overview' | 'bills' | 'readings' | 'payments' | 'debt'
export const account = createRoute({
  getParentRoute: () => root,
  path: '/accounts/$number',
  validateSearch: (search: Record<string, unknown>) => kept({ tab: text(search.tab) as AccountTab | undefined }),
  component: lazyRouteComponent(() => import('../features/subscribers/account'), 'AccountCard'),
})

export const bill = createRoute({
  getParentRoute: () => root,
  path: '/bills/$id',
  component: lazyRouteComponent(() => import('../features/billing/bill'), 'BillPage'),
})

export const preview = createRoute({
  getParentRoute: () => root,
  path: '/accounts/$number/preview',
  component: lazyRouteComponent(() => import('../features/billing/preview'), 'PreviewPage'),
})

export const readings = createRoute({
  getParentRoute: () => root,
  path: '/readings',
  validateSearch: (search: Record<string, unknown>) =>
    kept({ sector: text(search.sector) as Sector | undefined, district: text(search.district), reason: text(search.reason) as Reason | undefined }),
  component: lazyRouteComponent(() => import('../features/readings/waiting'), 'WaitingPage'),
})

export const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  validateSearch: (search: Record<string, unknown>) =>
    kept({
      entity: text(search.entity), object: text(search.object), actor: text(search.actor), action: text(search.action),
      from: text(search.from), to: text(search.to),
    }),
  component: lazyRouteComponent(() => import('../features/platform/audit'), 'AuditTrail'),
})

export const imports = createRoute({
  getParentRoute: () => root,
  path: '/imports',
  validateSearch: (search: Record<string, unknown>) => kept({ kind: text(search.kind) as ImportKind | undefined }),
  component: lazyRouteComponent(() => import('../features/imports/list'), 'Imports'),
})

export const importBatch = createRoute({
  getParentRoute: () => root,
  path: '/imports/$id',
  validateSearch: (search: Record<string, unknown>) => kept({ verdict: text(search.verdict) as RowVerdict | undefined }),
  component: lazyRouteComponent(() => import('../features/imports/batch'), 'ImportBatchPage'),
})

export const periods = createRoute({
  getParentRoute: () => root,
  path: '/periods',
  validateSearch: (search: Record<string, unknown>) =>
    kept({ period: text(search.period), sector: text(search.sector) as Sector | undefined }),
  component: lazyRouteComponent(() => import('../features/ledger/cockpit'), 'Cockpit'),
})

export const closeReports = createRoute({
  getParentRoute: () => root,
  path: '/periods/reports',
  validateSearch: (search: Record<string, unknown>) =>
    kept({ period: text(search.period), sector: text(search.sector) as Sector | undefined, report: text(search.report) as CloseReportCode | undefined }),
  component: lazyRouteComponent(() => import('../features/ledger/reports'), 'CloseReports'),
})

export const debt = createRoute({
  getParentRoute: () => root,
  path: '/debt',
  validateSearch: (search: Record<string, unknown>) =>
    kept({ sector: text(search.sector) as Sector | undefined, bucket: text(search.bucket) as AgeBucket | undefined, district: text(search.district), on: text(search.on) }),
  component: lazyRouteComponent(() => import('../features/debt/ageing'), 'Ageing'),
})

const penalty = createRoute({
  getParentRoute: () => root,
  path: '/debt/penalty',
  component: lazyRouteComponent(() => import('../features/debt/penalty'), 'PenaltyPage'),
})

export const notices = createRoute({
  getParentRoute: () => root,
  path: '/debt/notices',
  validateSearch: (search: Record<string, unknown>) =>
    kept({
      sector: text(search.sector) as Sector | undefined, district: text(search.district), state: text(search.state) as NoticeState | undefined,
      due: search.due === true ? (true as const) : undefined,
      plan: text(search.plan) as PlanState | undefined,
    }),
  component: lazyRouteComponent(() => import('../features/debt/notices'), 'NoticesPage'),
})

export const claims = createRoute({
  getParentRoute: () => root,
  path: '/debt/claims',
  validateSearch: (search: Record<string, unknown>) =>
    kept({
      kind: text(search.kind) as ClaimKind | undefined, state: text(search.state) as ClaimState | undefined, sector: text(search.sector) as Sector | undefined,
      over: search.over === true ? (true as const) : undefined,
    }),
  component: lazyRouteComponent(() => import('../features/debt/claims'), 'ClaimsPage'),
})

export const claim = createRoute({
  getParentRoute: () => root,
  path: '/debt/claims/$id',
  component: lazyRouteComponent(() => import('../features/debt/claim'), 'ClaimPage'),
})

const orders = createRoute({
  getParentRoute: () => root,
  path: '/debt/orders',
  component: lazyRouteComponent(() => import('../features/debt/orders'), 'OrdersPage'),
})

const campaigns = createRoute({
  getParentRoute: () => root,
  path: '/debt/campaigns',
  component: lazyRouteComponent(() => import('../features/debt/campaigns'), 'CampaignsPage'),
})

const corrections = createRoute({
  getParentRoute: () => root,
  path: '/corrections',
  validateSearch: (search: Record<string, unknown>) => kept({ state: text(search.state) as CorrectionState | undefined }),
  component: lazyRouteComponent(() => import('../features/billing/corrections'), 'Corrections'),
})

const correction = createRoute({
  getParentRoute: () => root,
  path: '/corrections/$id',
  component: lazyRouteComponent(() => import('../features/billing/correction'), 'CorrectionPage'),
})

const paidServices = createRoute({
  getParentRoute: () => root,
  path: '/tariffs/services',
  component: lazyRouteComponent(() => import('../features/billing/paid-services'), 'PaidServices'),
})

const amendments = createRoute({
  getParentRoute: () => root,
  path: '/amendments',
  component: lazyRouteComponent(() => import('../features/amendments/amendments'), 'Amendments'),
})

const amendment = createRoute({
  getParentRoute: () => root,
  path: '/amendments/$id',
  component: lazyRouteComponent(() => import('../features/amendments/amendment'), 'AmendmentPage'),
})

const signatures = createRoute({
  getParentRoute: () => root,
  path: '/signatures',
  validateSearch: (search: Record<string, unknown>) => kept({ state: text(search.state) as SignatureState | 'ALL' | undefined }),
  component: lazyRouteComponent(() => import('../features/access/signatures'), 'Signatures'),
})

export const imbalance = createRoute({
  getParentRoute: () => root,
  path: '/imbalance',
  validateSearch: (search: Record<string, unknown>) =>
    kept({
      period: text(search.period), state: text(search.state) as HouseState | undefined, district: text(search.district),
      search: text(search.search), order: text(search.order) as ImbalanceOrder | undefined,
    }),
  component: lazyRouteComponent(() => import('../features/imbalance/houses'), 'ImbalanceHouses'),
})

export const imbalanceHouse = createRoute({
  getParentRoute: () => root,
  path: '/imbalance/$house',
  validateSearch: (search: Record<string, unknown>) => kept({ period: text(search.period) }),
  component: lazyRouteComponent(() => import('../features/imbalance/house'), 'ImbalanceHousePage'),
})

const cash = createRoute({
  getParentRoute: () => root,
  path: '/cash',
  validateSearch: (search: Record<string, unknown>) => kept({ account: text(search.account) }),
  component: lazyRouteComponent(() => import('../features/cashdesk/desk'), 'CashPage'),
})

export const desks = createRoute({
  getParentRoute: () => root,
  path: '/desks',
  validateSearch: (search: Record<string, unknown>) =>
    kept({ tab: text(search.tab) as DesksTab | undefined, desk: text(search.desk), from: text(search.from), to: text(search.to) }),
  component: lazyRouteComponent(() => import('../features/cashdesk/office'), 'DesksPage'),
})

const deskShift = createRoute({
  getParentRoute: () => root,
  path: '/desks/shifts/$id',
  component: lazyRouteComponent(() => import('../features/cashdesk/shift-page'), 'ShiftPage'),
})

const tariffs = createRoute({
  getParentRoute: () => root,
  path: '/tariffs',
  component: lazyRouteComponent(() => import('../features/tariffs/tariffs'), 'Tariffs'),
})

export const scenarios = createRoute({
  getParentRoute: () => root,
  path: '/scenarios',
  component: lazyRouteComponent(() => import('../features/billing/scenarios'), 'Scenarios'),
})

export const newScenario = createRoute({
  getParentRoute: () => root,
  path: '/scenarios/new',
  validateSearch: (search: Record<string, unknown>) => kept({ from: text(search.from) }),
  component: lazyRouteComponent(() => import('../features/billing/scenario-new'), 'NewScenario'),
})

export const scenario = createRoute({
  getParentRoute: () => root,
  path: '/scenarios/$id',
  validateSearch: (search: Record<string, unknown>) => kept({ with: text(search.with) }),
  component: lazyRouteComponent(() => import('../features/billing/scenario'), 'ScenarioPage'),
})

const channels = createRoute({
  getParentRoute: () => root,
  path: '/channels',
  component: lazyRouteComponent(() => import('../features/payments/channels'), 'Channels'),
})

const channel = createRoute({
  getParentRoute: () => root,
  path: '/channels/$id',
  component: lazyRouteComponent(() => import('../features/payments/channel'), 'ChannelPage'),
})

const reconciliation = createRoute({
  getParentRoute: () => root,
  path: '/reconciliation',
  validateSearch: (search: Record<string, unknown>) =>
    kept({ from: text(search.from), to: text(search.to), channel: text(search.channel), state: text(search.state) as DayState | undefined }),
  component: lazyRouteComponent(() => import('../features/payments/reconciliation/board'), 'Board'),
})

const reconcileDay = createRoute({
  getParentRoute: () => root,
  path: '/reconciliation/days/$channel',
  validateSearch: (search: Record<string, unknown>) =>
    kept({
      date: text(search.date), state: text(search.state) as MatchState | undefined, undecided: search.undecided === true ? (true as const) : undefined, search: text(search.search),
    }),
  component: lazyRouteComponent(() => import('../features/payments/reconciliation/day'), 'ReconcileDayPage'),
})

const statements = createRoute({
  getParentRoute: () => root,
  path: '/reconciliation/statements',
  component: lazyRouteComponent(() => import('../features/payments/reconciliation/statements'), 'Statements'),
})

const statement = createRoute({
  getParentRoute: () => root,
  path: '/reconciliation/statements/$id',
  validateSearch: (search: Record<string, unknown>) =>
    kept({ state: text(search.state) as LineState | undefined, undecided: search.undecided === true ? (true as const) : undefined, search: text(search.search) }),
  component: lazyRouteComponent(() => import('../features/payments/reconciliation/statement'), 'StatementPage'),
})

const suspense = createRoute({
  getParentRoute: () => root,
  path: '/reconciliation/suspense',
  validateSearch: (search: Record<string, unknown>) =>
    kept({
      state: text(search.state) as SuspenseState | undefined, age: text(search.age) as SuspenseAge | undefined, overdue: search.overdue === true ? (true as const) : undefined,
      search: text(search.search),
    }),
  component: lazyRouteComponent(() => import('../features/payments/reconciliation/suspense'), 'SuspensePage'),
})

const refunds = createRoute({
  getParentRoute: () => root,
  path: '/reconciliation/refunds',
  validateSearch: (search: Record<string, unknown>) => kept({ state: text(search.state) as RefundState | undefined }),
  component: lazyRouteComponent(() => import('../features/payments/reconciliation/refunds'), 'Refunds'),
})

const reconcileTerms = createRoute({
  getParentRoute: () => root,
  path: '/reconciliation/terms',
  component: lazyRouteComponent(() => import('../features/payments/reconciliation/terms'), 'ReconcileTermsPage'),
})

const documents = createRoute({
  getParentRoute: () => root,
  path: '/documents',
  validateSearch: (search: Record<string, unknown>) => kept({ search: text(search.search) }),
  component: lazyRouteComponent(() => import('../features/archive/documents'), 'Documents'),
})

const jobs = createRoute({
  getParentRoute: () => root,
  path: '/jobs',
  component: lazyRouteComponent(() => import('../features/platform/jobs'), 'Jobs'),
})

const users = createRoute({
  getParentRoute: () => root,
  path: '/users',
  component: lazyRouteComponent(() => import('../features/access/users'), 'Users'),
})

const clients = createRoute({
  getParentRoute: () => root,
  path: '/users/clients',
  component: lazyRouteComponent(() => import('../features/access/clients'), 'Clients'),
})

const operations = createRoute({
  getParentRoute: () => root,
  path: '/operations',
  component: lazyRouteComponent(() => import('../features/platform/operations'), 'Operations'),
})

const profile = createRoute({
  getParentRoute: () => root,
  path: '/profile',
  component: lazyRouteComponent(() => import('../features/access/profile'), 'Profile'),
})

const design = createRoute({
  getParentRoute: () => root,
  path: '/design',
  component: lazyRouteComponent(() => import('../features/design/design'), 'Design'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    home, picture, accounts, account, preview, bill, readings, audit, imports, importBatch, periods, closeReports, imbalance, imbalanceHouse, corrections, correction, amendments, amendment, signatures, debt, penalty, notices, claims, claim, orders, campaigns, cash, desks, deskShift, tariffs, paidServices, scenarios, newScenario, scenario, documents, jobs, users, clients, operations, profile, design, channels, channel,
    reconciliation, reconcileDay, statements, statement, suspense, refunds, reconcileTerms,
  ]),
  basepath: '/admin',
  defaultPreload: 'intent',
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
