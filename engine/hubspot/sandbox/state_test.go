package sandbox_test

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rollcall/engine/hubspot/sandbox"
)

func TestSaveAndLoad(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{}, 60)
	_, err := p.DefineSchema(sandbox.Schema{Name: "pets", Properties: []sandbox.Property{{Name: "tag", Unique: true}}})
	must(t, err)
	_, err = p.CreateObject("pets", map[string]string{"tag": "T-1"})
	must(t, err)
	must(t, p.AddMembers("101", contactIDs(1, 5)...))
	must(t, p.RemoveMembers("101", contactID(1)))
	_, err = p.MergeContacts(contactID(2), contactID(50))
	must(t, err)
	must(t, p.DeleteObject("contacts", contactID(60)))
	must(t, p.DeleteList("102"))
	path := filepath.Join(t.TempDir(), "state.json")
	must(t, p.Save(path))
	info, err := os.Stat(path)
	must(t, err)
	equal(t, "mode", info.Mode().Perm(), fs.FileMode(0o600))

	q := start(t, sandbox.Options{}, 0)
	must(t, q.Load(path))
	want, got := p.call("GET", "/_sandbox/state", "").want(t, 200).raw, q.call("GET", "/_sandbox/state", "").want(t, 200).raw
	if got != want {
		t.Error("the state is not the same after saving and loading")
	}
	for _, email := range []string{"contact-00050@old.example.com", "contact-00060@example.com", "contact-00001@example.com"} {
		equal(t, email, q.byEmail(email), p.byEmail(email))
	}
	search := `{"listIds":["101","102"]}`
	equal(t, "metadata", q.call("POST", lists+"/search", search).raw, p.call("POST", lists+"/search", search).raw)
	id, err := q.CreateContact(map[string]string{"email": "new@example.com"})
	must(t, err)
	equal(t, "ids continue", id, contactID(61))
	equal(t, "a merged id still leads on", q.call("GET", objects+"/contacts/"+contactID(50), "").text("id"), contactID(2))
	q.call("PUT", lists+"/102/restore", "").want(t, 204)
}

// A file of an older version, which had no tickets, is read: with the types that are there now.
func TestLoadOlderState(t *testing.T) {
	t.Parallel()
	const older = `{"version":1,"nextListId":101,"objectTypes":[` +
		`{"objectTypeId":"0-1","name":"contacts","singular":"contact","nextId":1000002,"properties":[{"name":"email","type":"string","hasUniqueValue":true}],"defaults":["email"]},` +
		`{"objectTypeId":"2-7001","name":"pets","singular":"pet","fullyQualifiedName":"p1234567_pets","nextId":7000000001,"properties":[],"defaults":[]}],"records":[],"lists":[]}`
	path := filepath.Join(t.TempDir(), "state.json")
	must(t, os.WriteFile(path, []byte(older), 0o600))
	q := start(t, sandbox.Options{}, 0)
	must(t, q.Load(path))
	q.call("POST", objects+"/tickets", `{"properties":{"subject":"Help"}}`).want(t, 201)
	cars, err := q.DefineSchema(sandbox.Schema{Name: "cars"})
	must(t, err)
	equal(t, "the next custom type", cars, "2-7002")
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{}, 1)
	dir := t.TempDir()
	if err := p.Load(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	must(t, p.Save(filepath.Join(dir, "good")))
	good, err := os.ReadFile(filepath.Join(dir, "good"))
	must(t, err)
	for name, text := range map[string]string{
		"empty": "", "no types": `{"version":1}`, "another version": `{"version":9}`, "an unknown key": `{"x":1}`,
		"cut off": string(good[:len(good)/2]), "an array": "[]",
	} {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte(text), 0o600))
		if err := p.Load(path); err == nil {
			t.Errorf("%s was loaded", name)
		}
	}
	equal(t, "the store is as it was", p.byEmail("contact-00001@example.com"), contactIDs(1, 1))
}

func TestStateOfOneList(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{}, 3)
	must(t, p.AddMembers("101", contactIDs(1, 2)...))
	r := p.call("GET", "/_sandbox/state?list=101", "").want(t, 200)
	equal(t, "members", r.texts("lists", 0, "members"), contactIDs(1, 2))
	if strings.Contains(r.raw, "example.com") {
		t.Error("records are in the state of one list")
	}
	r = p.call("GET", "/_sandbox/state", "").want(t, 200)
	equal(t, "first record", r.text("records", 0, "properties", "email"), "contact-00001@example.com")
}

func TestServe(t *testing.T) {
	t.Parallel()
	t.Run("answers until the context ends", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		url, done := make(chan string, 1), make(chan error, 1)
		go func() {
			done <- sandbox.New(sandbox.Options{}).Serve(ctx, "127.0.0.1:0", func(u string) { url <- u })
		}()
		base := <-url
		resp, err := http.Get(base + "/_sandbox/calls")
		must(t, err)
		must(t, resp.Body.Close())
		equal(t, "status", resp.StatusCode, 200)
		cancel()
		select {
		case err := <-done:
			must(t, err)
		case <-time.After(30 * time.Second):
			t.Fatal("it serves on")
		}
		if resp, err := http.Get(base); err == nil {
			_ = resp.Body.Close()
			t.Error("it answers on")
		}
	})
	t.Run("refuses addresses that others can reach", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second) // in case it serves
		defer cancel()
		for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "example.com:0", "[::]:0", "127.0.0.1"} {
			if err := sandbox.New(sandbox.Options{}).Serve(ctx, addr, nil); err == nil {
				t.Errorf("%s was taken", addr)
			}
		}
	})
}
