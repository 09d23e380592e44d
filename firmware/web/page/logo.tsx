/** Two tones, and what they have in common. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 44 28" aria-hidden="true">
      <circle class="low" cx="14" cy="14" r="13" />
      <circle class="high" cx="30" cy="14" r="13" />
      <path class="both" d="M22 3.75a13 13 0 0 1 0 20.5a13 13 0 0 1 0-20.5z" />
    </svg>
  );
}
