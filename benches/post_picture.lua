-- Posts a picture over and over, and prints what the load script reads.
-- wrk … -s post_picture.lua URL -- PICTURE.png

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  local picture = file:read("*all")
  file:close()
  request_text = wrk.format("POST", nil, { ["Content-Type"] = "image/png" }, picture)
end

function request()
  return request_text
end

-- Every thread has a Lua of its own; what they count is summed up at the end.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

answered, busy, other = 0, 0, 0

function response(status)
  if status == 200 then
    answered = answered + 1
  elseif status == 503 then
    busy = busy + 1
  else
    other = other + 1
  end
end

function done(summary, latency)
  local function total(name)
    local sum = 0
    for _, thread in ipairs(threads) do
      sum = sum + thread:get(name)
    end
    return sum
  end
  local errors = summary.errors
  print(string.format(
    'FIGURES {"seconds": %.3f, "answered": %d, "busy": %d, "other": %d, "broken": %d, "p50_ms": %.3f, "p99_ms": %.3f, "max_ms": %.3f}',
    summary.duration / 1e6, total("answered"), total("busy"), total("other"),
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end
