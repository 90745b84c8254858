// jobs.tsx: long work: compilations, deltas, backups; the log of one while it runs.
import { moment } from "../format";
import { useLive } from "../live";
import { act } from "../notice";
import type { PageProps } from "../pages";
import { Mark, Raw, Stale, Title, Waiting } from "../parts/basic";
import { Ask } from "../parts/dialog";
import { Table } from "../parts/table";
import { useMay } from "../rights";
import { to } from "../route";
import { get, part, send } from "../server";
import type { Job, Page } from "../shapes";
import { said, text } from "../words";

const open = (job: Job) => job.state === "running" || job.state === "waiting";

function Cancel({ job, again }: { job: Job; again: () => void }) {
  const may = useMay();
  if (!open(job) || !may("operate")) return null;
  return (
    <Ask
      verb={text("cancel")}
      question={text("cancel this job?")}
      danger
      onYes={() => act(() => send("POST", `/jobs/${part(job.id)}/cancel`), again)}
    />
  );
}

export function JobsPage() {
  const list = useLive(() => get<Page<Job>>("/jobs?limit=1000"));
  return (
    <>
      <Title>{text("jobs")}</Title>
      <Stale live={list} />
      {!list.value ? (
        <Waiting live={list} />
      ) : (
        <Table
          name={text("jobs")}
          of={[...list.value.items].reverse().slice(0, 200)}
          by={(j) => j.id}
          columns={[
            { name: text("kind"), cell: (j) => <a href={to("jobs", j.id)}>{said(j.kind)}</a> },
            { name: text("state"), cell: (j) => <Mark state={j.state} /> },
            { name: text("asked by"), cell: (j) => j.asked_by },
            { name: text("when"), cell: (j) => moment(j.created_ms) },
            { name: text("error"), cell: (j) => j.error },
          ]}
        />
      )}
    </>
  );
}

export function JobPage({ id }: PageProps) {
  const live = useLive(() => get<Job>("/jobs/" + part(id)), [id], 1000);
  if (!live.value)
    return (
      <>
        <Title>{text("job")}</Title>
        <Waiting live={live} />
      </>
    );
  const job = live.value;
  return (
    <>
      <Title beside={<Cancel job={job} again={live.again} />}>{said(job.kind)}</Title>
      <Stale live={live} />
      <p aria-live="polite">
        <Mark state={job.state} /> {moment(job.created_ms)}, {job.asked_by}
      </p>
      {job.error && (
        <p class="alert" role="alert">
          {job.error}
        </p>
      )}
      <pre class="log" tabIndex={0} role="log" aria-label={text("log")}>
        {job.log.join("\n") || text("nothing said yet")}
      </pre>
      {job.result ? <Raw value={job.result} /> : null}
    </>
  );
}
