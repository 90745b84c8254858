// stripe.tsx: one bar cut into shares, and what each share is.
export interface Share {
  name: string;
  value: number;
  as: string;
}

export function Stripe({ of, name }: { of: Share[]; name: string }) {
  const all = of.reduce((sum, share) => sum + share.value, 0) || 1;
  let at = 0;
  const places = of.map((share) => {
    const from = at;
    at += (100 * share.value) / all;
    return { ...share, from, width: (100 * share.value) / all };
  });
  return (
    <figure>
      <svg
        class="stripe"
        viewBox="0 0 100 10"
        preserveAspectRatio="none"
        role="img"
        aria-label={`${name}: ${of.map((share) => `${share.name} ${share.value}`).join(", ")}`}
      >
        {places.map((share) => (
          <rect key={share.name} class={share.as} x={share.from} y={0} width={share.width} height={10} />
        ))}
      </svg>
      <ul class="legend">
        {of.map((share) => (
          <li key={share.name} class={share.as}>
            {share.name} <b>{share.value}</b>
          </li>
        ))}
      </ul>
    </figure>
  );
}
