package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// baseline does what a script does that knows no more than HubSpot's reference: one call after another, every address resolved
// and every page read on every run, sets in memory, changes in chunks of 1,000.
type baseline struct {
	url                    string
	calls, tooManyRequests int
}

// sync makes a list hold the contacts with these addresses.
func (b *baseline) sync(ctx context.Context, listID string, emails []string) error {
	if err := b.call(ctx, http.MethodGet, "/crm/v3/lists/"+listID, nil, &struct{}{}); err != nil {
		return err
	}
	desired, err := b.resolve(ctx, emails)
	if err != nil {
		return err
	}
	current, err := b.members(ctx, listID)
	if err != nil {
		return err
	}
	if err := b.write(ctx, listID, "recordIdsToAdd", "recordIdsToRemove", without(desired, current)); err != nil {
		return err
	}
	return b.write(ctx, listID, "recordIdsToRemove", "recordIdsToAdd", without(current, desired))
}

func without(a, b map[string]bool) (ids []string) {
	for id := range a {
		if !b[id] {
			ids = append(ids, id)
		}
	}
	return ids
}

func (b *baseline) resolve(ctx context.Context, emails []string) (map[string]bool, error) {
	type input struct {
		ID string `json:"id"`
	}
	ids := make(map[string]bool, len(emails))
	for chunk := range slices.Chunk(emails, 100) {
		inputs := make([]input, 0, len(chunk))
		for _, email := range chunk {
			inputs = append(inputs, input{email})
		}
		var answer struct {
			Results []struct {
				ID string `json:"id"`
			} `json:"results"`
		}
		if err := b.call(ctx, http.MethodPost, "/crm/v3/objects/contacts/batch/read", map[string]any{
			"idProperty": "email", "properties": []string{"email"}, "inputs": inputs,
		}, &answer); err != nil {
			return nil, err
		}
		for _, result := range answer.Results {
			ids[result.ID] = true
		}
	}
	return ids, nil
}

func (b *baseline) members(ctx context.Context, listID string) (map[string]bool, error) {
	ids := map[string]bool{}
	query := url.Values{"limit": {"250"}}
	for {
		var answer struct {
			Results []struct {
				RecordID string `json:"recordId"`
			} `json:"results"`
			Paging struct {
				Next struct {
					After string `json:"after"`
				} `json:"next"`
			} `json:"paging"`
		}
		if err := b.call(ctx, http.MethodGet, "/crm/v3/lists/"+listID+"/memberships?"+query.Encode(), nil, &answer); err != nil {
			return nil, err
		}
		for _, result := range answer.Results {
			ids[result.RecordID] = true
		}
		if answer.Paging.Next.After == "" {
			return ids, nil
		}
		query.Set("after", answer.Paging.Next.After)
	}
}

func (b *baseline) write(ctx context.Context, listID, does, leaves string, ids []string) error {
	for chunk := range slices.Chunk(ids, 1000) {
		if err := b.call(ctx, http.MethodPut, "/crm/v3/lists/"+listID+"/memberships/add-and-remove",
			map[string][]string{does: chunk, leaves: {}}, &struct{}{}); err != nil {
			return err
		}
	}
	return nil
}

// call makes a call until it is let through.
func (b *baseline) call(ctx context.Context, method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	for {
		request, err := http.NewRequestWithContext(ctx, method, b.url+path, bytes.NewReader(body))
		if err != nil {
			return err
		}
		if in == nil {
			request.Body, request.ContentLength = nil, 0
		}
		request.Header.Set("Authorization", "Bearer test")
		request.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		answer, err := io.ReadAll(response.Body)
		response.Body.Close()
		b.calls++
		switch {
		case err != nil:
			return err
		case response.StatusCode == http.StatusTooManyRequests:
			b.tooManyRequests++
			seconds, _ := strconv.Atoi(response.Header.Get("Retry-After")) // absent: a second
			time.Sleep(time.Duration(max(1, seconds)) * time.Second)
			continue
		case response.StatusCode >= http.StatusBadRequest:
			return fmt.Errorf("%s %s: %s: %.200s", method, path, response.Status, answer)
		}
		return json.Unmarshal(answer, out)
	}
}
