import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { Layout } from './layout'
import { NotFound } from './not-found'

const root = createRootRoute({ component: Layout, notFoundComponent: NotFound })
const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: lazyRouteComponent(() => import('../features/home/home'), 'Home'),
})
const bills = createRoute({
  getParentRoute: () => root,
  path: '/bills',
  component: lazyRouteComponent(() => import('../features/billing/bills'), 'Bills'),
})
const bill = createRoute({
  getParentRoute: () => root,
  path: '/bills/$id',
  component: lazyRouteComponent(() => import('../features/billing/bill'), 'BillPage'),
})
const readings = createRoute({
  getParentRoute: () => root,
  path: '/readings',
  component: lazyRouteComponent(() => import('../features/readings/readings'), 'Readings'),
})
const payments = createRoute({
  getParentRoute: () => root,
  path: '/payments',
  component: lazyRouteComponent(() => import('../features/payments/payments'), 'Payments'),
})

const certificate = createRoute({
  getParentRoute: () => root,
  path: '/certificate',
  component: lazyRouteComponent(() => import('../features/debt/check'), 'CertificateCheck'),
})

export const router = createRouter({
  routeTree: root.addChildren([home, bills, bill, readings, payments, certificate]),
  basepath: '/portal',
  defaultPreload: 'intent',
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
