// What the keys do, asked for with "?".

import type { PageState } from "./PageState.ts"
import { views } from "./views.ts"

export const Keys = ({ page }: { readonly page: PageState }) => (
  <dialog id="keys" aria-labelledby="keys-title">
    <h2 id="keys-title">Keys</h2>
    <dl class="keys-list">
      <dt>
        <kbd>←</kbd> <kbd>→</kbd>
      </dt>
      <dd>
        A second back or on; with <kbd>Shift</kbd> ten
      </dd>
      <dt>
        <kbd>[</kbd> <kbd>]</kbd>
      </dt>
      <dd>To the mark before or after: a boot, an exit, a breakpoint, an alert, a verdict</dd>
      <dt>
        <kbd>L</kbd> <kbd>Esc</kbd>
      </dt>
      <dd>{page.log?.read_only ? "To the end of the session" : "Back to live"}</dd>
      <dt>
        {views.map((view, index) => (
          <>
            <kbd key={view.name}>{index + 1}</kbd>{" "}
          </>
        ))}
      </dt>
      <dd>{views.map(({ title }) => title).join(", ")}</dd>
      <dt>
        <kbd>/</kbd>
      </dt>
      <dd>Into the view's filter</dd>
      {page.log?.source === "replay" && (
        <>
          <dt>
            <kbd>Space</kbd>
          </dt>
          <dd>Plays or pauses the replay</dd>
        </>
      )}
      <dt>
        <kbd>?</kbd>
      </dt>
      <dd>This list</dd>
    </dl>
    <form method="dialog" class="dialog-acts">
      <button class="button-firm">Close</button>
    </form>
  </dialog>
)
