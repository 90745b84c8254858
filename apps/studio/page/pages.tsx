// pages.ts: every page, what it is called, and which of the listed ones it belongs under.
import type { ComponentType } from "preact";
import { AlertsPage } from "./pages/alerts";
import { AuditPage } from "./pages/audit";
import { DevicePage } from "./pages/device";
import { DevicesPage } from "./pages/devices";
import { EnrolPage } from "./pages/enrol";
import { FeedbackPage } from "./pages/feedback";
import { GroupsPage } from "./pages/groups";
import { HealthPage } from "./pages/health";
import { JobPage, JobsPage } from "./pages/jobs";
import { KeysPage } from "./pages/keys";
import { NewRolloutPage } from "./pages/new_rollout";
import { OverviewPage } from "./pages/overview";
import { RolloutPage } from "./pages/rollout";
import { RolloutsPage } from "./pages/rollouts";
import { SettingsPage } from "./pages/settings";
import { VersionPage } from "./pages/version";
import { VersionsPage } from "./pages/versions";
import { text } from "./words";

export interface PageProps {
  id: string;
  query: URLSearchParams;
}

interface Page {
  name: () => string;
  Show: ComponentType<PageProps>;
  listed?: boolean;
  under?: string;
}

// A page with an id shows one thing, without one the list of them.
const one =
  (List: ComponentType<PageProps>, One: ComponentType<PageProps>): ComponentType<PageProps> =>
  (props) =>
    props.id ? <One {...props} /> : <List {...props} />;

export const pages: Record<string, Page> = {
  overview: { name: () => text("overview"), Show: OverviewPage, listed: true },
  devices: { name: () => text("devices"), Show: one(DevicesPage, DevicePage), listed: true },
  groups: { name: () => text("groups"), Show: GroupsPage, under: "devices" },
  enrol: { name: () => text("enrol"), Show: EnrolPage, under: "devices" },
  versions: { name: () => text("versions"), Show: one(VersionsPage, VersionPage), listed: true },
  rollouts: { name: () => text("roll-outs"), Show: one(RolloutsPage, RolloutPage), listed: true },
  plan: { name: () => text("plan a roll-out"), Show: NewRolloutPage, under: "rollouts" },
  health: { name: () => text("health"), Show: HealthPage, listed: true },
  feedback: { name: () => text("labelled feedback"), Show: FeedbackPage, under: "health" },
  alerts: { name: () => text("alerts"), Show: AlertsPage, listed: true },
  jobs: { name: () => text("jobs"), Show: one(JobsPage, JobPage), listed: true },
  audit: { name: () => text("audit"), Show: AuditPage, listed: true },
  settings: { name: () => text("settings"), Show: SettingsPage, listed: true },
  keys: { name: () => text("keys"), Show: KeysPage, under: "settings" },
};
