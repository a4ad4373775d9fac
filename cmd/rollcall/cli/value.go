package cli

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/google/uuid"
)

// jsonValue converts a driver value of a column with DuckDB's type columnType to something encoding/json accepts.
func jsonValue(value any, columnType string) any {
	switch v := value.(type) {
	case time.Time:
		return timeText(v, columnType)
	case []byte:
		if columnType == "UUID" && len(v) == 16 {
			return uuid.UUID(v).String()
		}
		return hex.EncodeToString(v)
	case duckdb.Decimal:
		return json.Number(decimal(v))
	case *big.Int:
		return json.Number(v.String())
	case float32:
		return jsonValue(float64(v), columnType)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return strconv.FormatFloat(v, 'g', -1, 64) // JSON has no such number
		}
		return v
	case duckdb.Interval:
		return fmt.Sprintf("%d months %d days %d microseconds", v.Months, v.Days, v.Micros)
	case duckdb.Map:
		pairs := map[string]any{}
		for key, inner := range v {
			pairs[cellText(key, "")] = jsonValue(inner, "")
		}
		return pairs
	case map[string]any:
		pairs := map[string]any{}
		for key, inner := range v {
			pairs[key] = jsonValue(inner, "")
		}
		return pairs
	case []any:
		list := make([]any, len(v))
		for i, inner := range v {
			list[i] = jsonValue(inner, "")
		}
		return list
	}
	return value
}

// decimal writes a number with all the digits of its scale, as DuckDB does: 1200.50.
func decimal(d duckdb.Decimal) string {
	digits := fmt.Sprintf("%0*s", int(d.Scale)+1, new(big.Int).Abs(d.Value).String())
	point := len(digits) - int(d.Scale)
	text := strings.TrimSuffix(digits[:point]+"."+digits[point:], ".")
	if d.Value.Sign() < 0 {
		return "-" + text
	}
	return text
}

// cellText formats a driver value for people.
func cellText(value any, columnType string) string {
	switch v := jsonValue(value, columnType).(type) {
	case nil:
		return "NULL"
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case map[string]any, []any:
		data, err := json.Marshal(v)
		if err != nil {
			return fmt.Sprint(v)
		}
		return string(data)
	default:
		return fmt.Sprint(v)
	}
}

// timeText formats a time by the column's type: a date, a time of day, or a timestamp in UTC.
func timeText(t time.Time, columnType string) string {
	switch {
	case columnType == "DATE":
		return t.Format(time.DateOnly)
	case strings.HasPrefix(columnType, "TIMESTAMP") || columnType == "":
		return t.UTC().Format(time.RFC3339Nano)
	}
	return t.Format("15:04:05.999999999")
}
