// beside.tsx: a shadow beside the model in force: what each answered, on the same devices. Nobody acts on the shadow.
import { count, percent } from "../format";
import type { Called } from "../known_versions";
import type { Cohort, Rollout } from "../shapes";
import { text } from "../words";
import { Bars } from "./bars";
import { Empty, Soft } from "./basic";

function Side({ of: cohort, name }: { of: Cohort; name: string }) {
  return (
    <section class="panel">
      <h4>{name}</h4>
      <p class="soft">
        {text(
          "{} devices, {} reports, {} with drift",
          count(cohort.devices),
          count(cohort.reports),
          count(cohort.drifted),
        )}
      </p>
      <p>
        {text("expected accuracy")} <b>{percent(cohort.expected_accuracy)}</b>
      </p>
      <Bars name={text("outputs, by bin")} values={cohort.output} from="1" to="16" />
    </section>
  );
}

interface Props {
  rollout: Rollout;
  cohorts: Cohort[];
  called: Called;
  model: (version: string) => string;
}

// Of the other versions of this model the one that was heard of last.
function in_force(cohorts: Cohort[], board: string, shadow: string, model: Props["model"]): Cohort[] {
  return cohorts
    .filter((cohort) => cohort.board === board && cohort.version !== shadow && model(cohort.version) === model(shadow))
    .sort((a, b) => b.last_ms - a.last_ms)
    .slice(0, 1);
}

export function Beside({ rollout, cohorts, called, model }: Props) {
  const shadows = cohorts.filter((cohort) => cohort.version === rollout.plan.version);
  const boards = new Set(shadows.map((cohort) => cohort.board));
  const others = [...boards].flatMap((board) => in_force(cohorts, board, rollout.plan.version, model));
  return (
    <>
      <Soft>
        {text(
          "The new model runs beside the one in force; nobody acts on its outputs, and only its statistics go out.",
        )}
      </Soft>
      {shadows.length === 0 ? (
        <Empty>{text("the shadow has not told enough yet that may be shown")}</Empty>
      ) : (
        <div class="panels">
          {shadows.map((cohort) => (
            <Side
              key={cohort.board}
              of={cohort}
              name={text("shadow: {}", `${called(cohort.version)} · ${cohort.board}`)}
            />
          ))}
          {others.map((cohort) => (
            <Side
              key={cohort.version + cohort.board}
              of={cohort}
              name={`${called(cohort.version)} · ${cohort.board}`}
            />
          ))}
        </div>
      )}
    </>
  );
}
