-- SPDX-License-Identifier: Apache-2.0
-- Counter-based random numbers: the same bits as core/random.h gives for a seed, a stream's name, a
-- key and a draw (Random123's Philox 4x32-10). Seeds and keys are numbers below 2^53 or LuaJIT's
-- unsigned 64-bit integers. A draw comes out as two numbers of 32 bits.
local bit = require("bit")
local ffi = require("ffi")
local band, bor, bxor, lshift, rshift = bit.band, bit.bor, bit.bxor, bit.lshift, bit.rshift

local uint64 = ffi.typeof("uint64_t")
local LOW = 0xffffffffULL

local RandomStream = {}
RandomStream.__index = RandomStream

-- The step and the finaliser of splitmix64.
local function mix(value)
  value = value + 0x9e3779b97f4a7c15ULL
  value = bxor(value, rshift(value, 30)) * 0xbf58476d1ce4e5b9ULL
  value = bxor(value, rshift(value, 27)) * 0x94d049bb133111ebULL
  return bxor(value, rshift(value, 31))
end

-- FNV-1a, finished.
local function hash_name(name)
  local hash = 0xcbf29ce484222325ULL
  for i = 1, #name do
    hash = bxor(hash, uint64(name:byte(i))) * 0x100000001b3ULL
  end
  return mix(hash)
end

function RandomStream.new(seed, name)
  local stream = hash_name(name)
  local key = mix(bxor(uint64(seed), mix(stream)))
  local self = {
    seed_word = band(key, LOW),
    stream_word = rshift(key, 32),
    high_word = band(bxor(stream, rshift(stream, 32)), LOW),
  }
  return setmetatable(self, RandomStream)
end

-- The upper and the lower 32 bits.
function RandomStream:bits(key, draw)
  local wide = uint64(key)
  local c0, c1, c2, c3 = band(wide, LOW), rshift(wide, 32), uint64(draw or 0), self.high_word
  local k0, k1 = self.seed_word, self.stream_word
  for _ = 1, 10 do
    local product0, product1 = c0 * 0xd2511f53ULL, c2 * 0xcd9e8d57ULL
    c0 = bxor(rshift(product1, 32), bxor(c1, k0))
    c2 = bxor(rshift(product0, 32), bxor(c3, k1))
    c1, c3 = band(product1, LOW), band(product0, LOW)
    k0, k1 = band(k0 + 0x9e3779b9ULL, LOW), band(k1 + 0xbb67ae85ULL, LOW)
  end
  return tonumber(c1), tonumber(c0)
end

-- A key from two numbers of 32 bits.
function RandomStream.key(high, low)
  return bor(lshift(uint64(high), 32), uint64(low))
end

return RandomStream
