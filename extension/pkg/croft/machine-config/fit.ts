/** How many machines of a size fit at a site now: pure, and as the scheduler counts, by what is requested. */

/** What a node has left. */
export interface Room {
  name: string;
  /** Processors. */
  cpu: number;
  /** Bytes. */
  memory: number;
  /** Machines may have processors of their own there. */
  pins: boolean;
  /** How many there are of each device. */
  devices: Record<string, number>;
  /** By what it is chosen, where that is known. */
  labels?: Record<string, string>;
}

/** What one machine requests of its node. */
export interface Need {
  /** Processors. */
  cpu: number;
  /** Bytes. */
  memory: number;
  pinned: boolean;
  devices: Record<string, number>;
}

/** What one machine takes of its namespace's share, and what is left of the share; without a limit there is no entry. */
export type Share = Record<string, { left: number; takes: number }>;

export interface Fit {
  /** How many more machines fit. */
  count: number;
  /** How many each node takes, those that take none left out. */
  nodes: { name: string; count: number }[];
  /** What runs out first: `cpu`, `memory`, a device, `pinning`, `nodes` where each must be on its own, or a limit of the namespace's share. */
  by: string;
}

/** How often an amount goes into what is left, and never less than not at all. */
function times(left: number, takes: number): number {
  return takes > 0 ? Math.max(0, Math.floor(left / takes + 1e-9)) : Infinity;
}

/** How many a node takes of each thing, the scarcest first. */
function scarce(room: Room, need: Need): [string, number][] {
  const all: [string, number][] = [
    ['cpu', times(room.cpu, need.cpu)],
    ['memory', times(room.memory, need.memory)],
    ...Object.entries(need.devices).map(([device, takes]): [string, number] => [device, times(room.devices[device] ?? 0, takes)]),
    ...(need.pinned && !room.pins ? [['pinning', 0] as [string, number]] : []),
  ];

  return all.sort(([, a], [, b]) => a - b);
}

/** What most nodes are short of. */
function shortest(rooms: Room[], need: Need): string {
  const votes = new Map<string, number>();

  for (const room of rooms) {
    const [[thing]] = scarce(room, need);

    votes.set(thing, (votes.get(thing) ?? 0) + 1);
  }

  return [...votes].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 'nodes';
}

/** How many fit. `apart` is for machines that must each have a node on their own. */
export function fit(rooms: Room[], need: Need, share: Share = {}, apart = false): Fit {
  const most = apart ? 1 : Infinity;
  const nodes = rooms.map((room) => ({ name: room.name, count: Math.min(scarce(room, need)[0][1], most) })).filter(({ count }) => count > 0);
  const onNodes = nodes.reduce((sum, { count }) => sum + count, 0);
  const [limit, inShare] = Object.entries(share)
    .map(([name, { left, takes }]): [string, number] => [name, times(left, takes)])
    .sort(([, a], [, b]) => a - b)[0] ?? ['', Infinity];

  if (inShare < onNodes) {
    return {
      count: inShare, nodes, by: limit
    };
  }

  return {
    count: onNodes, nodes, by: apart && onNodes ? 'nodes' : shortest(rooms, need)
  };
}
