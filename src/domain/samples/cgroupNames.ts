// Which container and which pod a control group belongs to, as container runtimes name their groups.

export interface CgroupNames {
  /** The id that the runtime gave, 64 hexadecimal digits; the machine's name for machinectl's and LXC's. */
  readonly container: string | null
  /** The pod's uid, as Kubernetes writes it. */
  readonly pod: string | null
}

const none: CgroupNames = { container: null, pod: null }

/**
 * Docker: /docker/ID, /system.slice/docker-ID.scope · containerd: cri-containerd-ID.scope, /kubepods/…/ID · CRI-O: crio-ID.scope ·
 * Podman: libpod-ID.scope · LXC: /lxc.payload.NAME, /lxc/NAME · systemd-nspawn: machine-NAME.scope
 */
export const cgroupNames = (path: string | null): CgroupNames => {
  if (path === null || path === "/" || path === "") return none
  const id = /(?:^|[/:-])([0-9a-f]{64})(?:\.scope)?(?:\/|$)/.exec(path)?.[1]
  const named = /\/(?:lxc\.payload\.|lxc\/|machine-)([^/]+?)(?:\.scope)?(?:\/|$)/.exec(path)?.[1]
  // systemd writes the dashes of a uid as underscores; a static pod's uid is the digest of its file.
  const pod = /(?:^|[/-])pod([0-9a-f]{8}[-_][0-9a-f_-]{27}|[0-9a-f]{32})(?:\.slice)?(?:\/|$)/.exec(path)?.[1]
  return { container: id ?? named ?? null, pod: pod?.replaceAll("_", "-") ?? null }
}
