#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An independent, naive reading of the balancers: works out what each step of a vector file must give.

    oracle.py FILE...           compares with what the files say; exit status 1 when anything differs
    oracle.py --write FILE...   fills in the expected endpoints

docs/formats/balancer-vectors.md describes the files. Everything here is done the slow, obvious way, so
that C++, Lua and this agree by having understood the same thing.
"""
import json
import math
import sys

MASK32 = (1 << 32) - 1
MASK64 = (1 << 64) - 1


def mix(value):
    value = (value + 0x9E3779B97F4A7C15) & MASK64
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK64
    return value ^ (value >> 31)


def stream_bits(seed, name, key, draw=0):
    """Philox 4x32-10 as core/random.h uses it: 64 bits."""
    stream = 0xCBF29CE484222325
    for byte in name.encode():
        stream = ((stream ^ byte) * 0x100000001B3) & MASK64
    stream = mix(stream)
    words = mix(seed ^ mix(stream))
    k0, k1 = words & MASK32, words >> 32
    c = [key & MASK32, key >> 32, draw, (stream ^ (stream >> 32)) & MASK32]
    for _ in range(10):
        product0, product1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(product1 >> 32) ^ c[1] ^ k0, product1 & MASK32,
             (product0 >> 32) ^ c[3] ^ k1, product0 & MASK32]
        k0, k1 = (k0 + 0x9E3779B9) & MASK32, (k1 + 0xBB67AE85) & MASK32
    return (c[1] << 32) | c[0]


class Balancer:
    """What all share: the list, and draws of chance."""

    def __init__(self, vectors):
        self.seed = vectors["seed"]
        self.timeout = vectors.get("affinity_timeout_s", 10800)
        self.listed = []

    def set_endpoints(self, endpoints, now):
        joined = [e for e in endpoints if e not in self.listed]
        left = [e for e in self.listed if e not in endpoints]
        self.listed = endpoints
        self.changed(joined, left, now)

    def changed(self, joined, left, now):
        pass

    def end(self, endpoint, now, time):
        pass

    def forget(self, endpoint):
        pass

    def draw(self, session):
        return stream_bits(self.seed, "cluster.balancer", session)

    def one(self, session):
        return self.listed[((self.draw(session) >> 32) * len(self.listed)) >> 32]

    def pair(self, session):
        """The first two of a shuffle."""
        bits, count = self.draw(session), len(self.listed)
        peers = list(self.listed)
        first = ((bits >> 32) * count) >> 32
        peers[0], peers[first] = peers[first], peers[0]
        second = 1 + (((bits & MASK32) * (count - 1)) >> 32)
        peers[1], peers[second] = peers[second], peers[1]
        return peers[0], peers[1]


class Random(Balancer):
    def pick(self, session, _source, _now):
        return self.one(session)


class RoundRobin(Balancer):
    last = -1

    def pick(self, _session, _source, _now):
        behind = [e for e in self.listed if e > self.last]
        self.last = behind[0] if behind else self.listed[0]
        return self.last


class ClientIp(Balancer):
    def __init__(self, vectors):
        super().__init__(vectors)
        self.memory = {}

    def changed(self, joined, left, now):
        self.memory = {s: m for s, m in self.memory.items() if m[0] not in left}

    def pick(self, session, source, now):
        endpoint, last = self.memory.get(source, (None, None))
        if endpoint is None or now - last > self.timeout:
            endpoint = self.one(session)
        self.memory[source] = (endpoint, now)
        return endpoint


class Counting(Balancer):
    def __init__(self, vectors):
        super().__init__(vectors)
        self.count = {}
        self.since = {}  # when an endpoint got its count, or joined
        self.clock = 0

    def set_count(self, endpoint, count):
        self.clock += 1
        self.count[endpoint] = count
        self.since[endpoint] = self.clock

    def changed(self, joined, left, now):
        for endpoint in joined:
            self.set_count(endpoint, self.count.get(endpoint, 0))

    def end(self, endpoint, now, time):
        if self.count.get(endpoint, 0) > 0:
            self.set_count(endpoint, self.count[endpoint] - 1)

    def forget(self, endpoint):
        self.set_count(endpoint, 0)

    def pick(self, session, _source, _now):
        chosen = self.choose(session)
        self.set_count(chosen, self.count[chosen] + 1)
        return chosen


class LeastConnections(Counting):
    def choose(self, _session):
        return min(self.listed, key=lambda e: (self.count[e], self.since[e]))


class PowerOfTwo(Counting):
    def choose(self, session):
        if len(self.listed) == 1:
            return self.listed[0]
        a, b = self.pair(session)
        return b if self.count[b] < self.count[a] else a


class ConsistentHash(Balancer):
    def __init__(self, vectors):
        super().__init__(vectors)
        self.lives = {}

    def forget(self, endpoint):
        self.lives[endpoint] = self.lives.get(endpoint, 0) + 1

    def changed(self, joined, left, now):
        self.ring = sorted(
            (stream_bits(self.seed, "cluster.balancer.points", (self.lives.get(e, 0) << 32) | e, i), e)
            for e in self.listed for i in range(100))

    def pick(self, _session, source, _now):
        wanted = stream_bits(self.seed, "cluster.balancer.sources", source)
        return next((e for point, e in self.ring if point >= wanted), self.ring[0][1])


class Ewma(Balancer):
    def __init__(self, vectors):
        super().__init__(vectors)
        self.stored = {}

    def score(self, endpoint, now):
        value, touched = self.stored.get(endpoint, (0.0, now))
        return value * math.exp(-max(0.0, now - touched) / 10)

    def changed(self, joined, left, now):
        for endpoint in left:
            self.stored.pop(endpoint, None)
        scores = [self.stored[e][0] for e in self.listed if e in self.stored]
        for endpoint in joined if scores else []:
            self.stored[endpoint] = (sum(scores) / len(scores), now)

    def end(self, endpoint, now, time):
        kept = 0.0
        if endpoint in self.stored:
            kept = math.exp(-max(0.0, now - self.stored[endpoint][1]) / 10)
        self.stored[endpoint] = (self.score(endpoint, now) + time * (1 - kept), now)

    def forget(self, endpoint):
        self.stored.pop(endpoint, None)

    def pick(self, session, _source, now):
        if len(self.listed) == 1:
            return self.listed[0]
        a, b = self.pair(session)
        return b if self.score(b, now) < self.score(a, now) else a


BALANCERS = {
    "client_ip": ClientIp, "consistent_hash": ConsistentHash, "ewma": Ewma,
    "least_connections": LeastConnections, "power_of_two": PowerOfTwo, "random": Random,
    "round_robin": RoundRobin,
}


def picks_of(balancer, step):
    """What a pick or a run of picks gives; None where nothing is listed."""
    every = step["do"] == "picks"
    results = []
    for i in range(step["count"] if every else 1):
        session = step["session"] + i
        source = step.get("source", step["session"]) + i * step.get("source_step", 1)
        now = step.get("at_s", 0) + i * step.get("every_s", 0)
        results.append(balancer.pick(session, source, now) if balancer.listed else None)
    return results if every else results[0]


def run(vectors):
    """Yields a step, the name of what it expects, and what is right."""
    balancer = BALANCERS[vectors["balancer"]](vectors)
    for step in vectors["steps"]:
        what, now = step["do"], step.get("at_s", 0)
        if what == "endpoints":
            balancer.set_endpoints(step["endpoints"], now)
        elif what == "pick":
            yield step, "endpoint", picks_of(balancer, step)
        elif what == "picks":
            yield step, "endpoints", picks_of(balancer, step)
        elif what == "end":
            balancer.end(step["endpoint"], now, step.get("time_s", 0))
        elif what == "forget":
            balancer.forget(step["endpoint"])
        if "score_s" in step:
            score = balancer.score(step["endpoint"], now)
            yield step, "score_s", step["score_s"] if abs(score - step["score_s"]) < 2e-9 else score


def text_of(vectors):
    """One line for each step."""
    head = {key: value for key, value in vectors.items() if key != "steps"}
    steps = ",\n".join("    " + json.dumps(step, ensure_ascii=False) for step in vectors["steps"])
    return json.dumps(head, indent=2, ensure_ascii=False)[:-2] + ',\n  "steps": [\n' + steps + "\n  ]\n}\n"


def main(arguments):
    write = arguments[:1] == ["--write"]
    wrong = 0
    for path in arguments[1:] if write else arguments:
        with open(path, encoding="utf-8") as file:
            vectors = json.load(file)
        for step, key, right in run(vectors):
            if write:
                step[key] = right
            elif step.get(key) != right:
                wrong += 1
                print(f"{path}: {json.dumps(step)}: {key} should be {right}")
        if write:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text_of(vectors))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
